import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { openSealed, queueSealed, type Sealed } from '../tasks/sealed.ts';
import type { Mail } from './mail.ts';

const TASK = 'send_mail';

interface Queued {
  readonly id: string;
  readonly mail: Mail;
}

/** Queues a message; it goes out when the transaction commits, and never when it does not. */
export function queueMail(tx: Transaction<DB>, { ids, vault }: Pick<Deps, 'ids' | 'vault'>, mail: Mail): Promise<void> {
  return queueSealed(tx, { vault }, TASK, { id: ids.next(), mail } satisfies Queued);
}

/** Sends one queued message; the queue repeats it when this rejects. */
export async function sendMail(deps: Pick<Deps, 'vault' | 'mailer'>, payload: Sealed): Promise<void> {
  const { id, mail } = openSealed(deps, TASK, payload) as Queued;
  await deps.mailer.send(mail, id);
}
