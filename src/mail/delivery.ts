import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import { removeJob } from './job_queries.ts';
import { type Mail, MailRefused, type SkipReason } from './mail.ts';
import { findMail, listStranded, lockMail, type MailRow, markInVain, markSent, markSkipped } from './queries.ts';

export type DeliveryDeps = Pick<Deps, 'ids' | 'mailer' | 'log'> & { readonly db: Kysely<DB> };

/** The part of the queue's job that counts. */
export interface Try {
  /** This one included. */
  readonly attempts: number;
  readonly max_attempts: number;
}

export interface Delivery {
  /** Of the message; the same however often it is tried. */
  readonly id: string;
  /** Undefined for a mail that is nobody's but its reader's. */
  readonly organisationId: string | undefined;
}

/**
 * Sends a message once more, and notes how that went. Rejects, so that the queue tries again, unless it is refused for
 * good or was the last try. `compose` answers why where there is nothing to send any more; undefined where nobody asks.
 *
 * A message goes out twice only where the process or the database dies after the mail server has taken it and before that
 * is written down: SMTP has no way to ask. The two have the same Message-ID, by which many mailboxes show one.
 */
export async function deliver(
  deps: DeliveryDeps,
  { id, organisationId }: Delivery,
  { attempts, max_attempts }: Try,
  compose: () => Promise<Mail | SkipReason | undefined>,
): Promise<void> {
  const row = organisationId === undefined ? undefined : await findMail(deps.db, organisationId, id);
  if (row && row.state !== 'waiting') return;
  try {
    const mail = await compose();
    if (typeof mail === 'object') await deps.mailer.send(mail, id);
    else if (row && mail) return await inTransaction(deps.db, (tx) => markSkipped(tx, row, mail));
  } catch (error) {
    const final = error instanceof MailRefused || attempts >= max_attempts;
    if (row) await noteFailure(deps, row, error, final);
    if (!final) throw error;
    deps.log.warn({ mail: id, ...codesOf(error) }, 'a mail was given up');
    return;
  }
  if (row) await inTransaction(deps.db, (tx) => markSent(tx, row));
}

/** Not what the mail server says: that names the reader, and the error brings the envelope. */
function codesOf(error: unknown): object {
  const { code, responseCode } = ((error as Error | undefined)?.cause ?? error ?? {}) as Record<string, unknown>;
  return { code, responseCode };
}

const LONGEST_ERROR = 500;

async function noteFailure(deps: DeliveryDeps, row: MailRow, error: unknown, final: boolean): Promise<void> {
  const text = (error instanceof Error ? error.message : String(error)).replace(/[\p{Cc}\s]+/gu, ' ').trim();
  await inTransaction(deps.db, async (tx) => {
    const { organisation_id: organisationId, id, kind } = row;
    await markInVain(tx, row, text.slice(0, LONGEST_ERROR), final);
    if (!final) return;
    const data = { mail_id: id, kind };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'mail.failed', userId: null, data });
  });
}

/** Gives up the mails of which the queue knows nothing any more; answers how many. */
export async function giveUpStranded(deps: Pick<DeliveryDeps, 'db' | 'ids'>): Promise<number> {
  const stranded = await listStranded(deps.db);
  for (const { organisation_id: organisationId, id } of stranded) {
    await inTransaction(deps.db, async (tx) => {
      const row = await lockMail(tx, organisationId, id);
      if (row?.state !== 'waiting') return;
      await removeJob(tx, id);
      await markInVain(tx, row, row.error ?? 'the server was stopped while it tried', true);
      const data = { mail_id: id, kind: row.kind };
      await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'mail.failed', userId: null, data });
    });
  }
  return stranded.length;
}
