import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { addSealed, type Sealed } from '../tasks/sealed.ts';
import type { Principal } from '../users/principal.ts';
import { hurryJob, placeOf } from './job_queries.ts';
import { findMail, lockMail, type MailKind, type MailRow, markWaiting } from './queries.ts';

export async function requireMail(db: Kysely<DB>, organisationId: string, mailId: string): Promise<MailRow> {
  const id = parseId(mailId);
  const mail = id && (await findMail(db, organisationId, id));
  if (!mail) throw fail('not_found', { field: 'mailId' });
  return mail;
}

/**
 * Tries a mail again that was given up, or now one that pauses between two tries. Fails with `conflict` for one that was
 * sent, or of which nothing is left to send.
 */
export function retry(
  db: Kysely<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Pick<Principal, 'organisationId' | 'userId'>,
  mailId: string,
): Promise<MailRow> {
  return inTransaction(db, async (tx) => {
    const id = parseId(mailId);
    const mail = id && (await lockMail(tx, organisationId, id));
    if (!mail) throw fail('not_found', { field: 'mailId' });
    if (mail.state === 'sent' || mail.state === 'skipped') throw fail('conflict', { field: 'mailId' });
    if (mail.state === 'failed') await queueAgain(tx, mail);
    else if (!(await hurryJob(tx, mail.id))) return mail;
    const data = { mail_id: mail.id, kind: mail.kind };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'mail.retried', userId, data });
    return requireMail(tx, organisationId, mail.id);
  });
}

async function queueAgain(tx: Transaction<DB>, mail: MailRow): Promise<void> {
  await markWaiting(tx, mail);
  await addSealed(tx, mail.task, mail.payload as unknown as Sealed, placeOf(mail.id, mail.kind as MailKind));
}
