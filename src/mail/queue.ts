import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { addSealed, openSealed, queueSealed, type Sealed, sealJob } from '../tasks/sealed.ts';
import { deliver, type DeliveryDeps, type Try } from './delivery.ts';
import type { Mail } from './mail.ts';
import { insertMail, priorityOf, type Tracked } from './queries.ts';

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
export async function sendMail(deps: DeliveryDeps & Pick<Deps, 'vault'>, payload: Sealed, job: Try): Promise<void> {
  const { id, mail } = openSealed(deps, TASK, payload) as Queued;
  await deliver(deps, { id, organisationId: undefined }, job, () => Promise.resolve(mail));
}

/** Queues a job that writes and sends a mail of the organisation's; `content.id` names the message. */
export async function queueTracked(
  tx: Transaction<DB>,
  { vault }: Pick<Deps, 'vault'>,
  task: string,
  content: { readonly id: string },
  tracked: Tracked,
): Promise<void> {
  const payload = sealJob({ vault }, task, content);
  await insertMail(tx, { ...tracked, id: content.id, task, payload });
  await addSealed(tx, task, payload, priorityOf(tracked.kind));
}
