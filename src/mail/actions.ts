import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { addSealed, type Sealed } from '../tasks/sealed.ts';
import type { Principal } from '../users/principal.ts';
import { findMail, lockMail, type MailKind, type MailRow, markWaiting, priorityOf } from './queries.ts';

export async function requireMail(db: Kysely<DB>, organisationId: string, mailId: string): Promise<MailRow> {
  const id = parseId(mailId);
  const mail = id && (await findMail(db, organisationId, id));
  if (!mail) throw fail('not_found', { field: 'mailId' });
  return mail;
}

/** Tries a mail again that was given up. One that waits stays as it is. Fails with `conflict` for one that was sent. */
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
    if (mail.state === 'sent') throw fail('conflict', { field: 'mailId' });
    if (mail.state === 'waiting') return mail;
    await markWaiting(tx, mail);
    await addSealed(tx, mail.task, mail.payload as unknown as Sealed, priorityOf(mail.kind as MailKind));
    const data = { mail_id: mail.id, kind: mail.kind };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'mail.retried', userId, data });
    return requireMail(tx, organisationId, mail.id);
  });
}
