import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { MailKind } from './queries.ts';

/** Where a mail's job stands: whoever bought something does not wait for thousands who are told of a new version. */
export const placeOf = (id: string, kind: MailKind) => ({
  priority: kind === 'announcement' ? 10 : 0,
  key: `mail:${id}`,
});

/** Has the mail's job run now where it pauses between two tries; answers whether it did. */
export async function hurryJob(tx: Transaction<DB>, id: string): Promise<boolean> {
  const { rows } = await sql`select from graphile_worker.reschedule_jobs(
    array(select id from graphile_worker._private_jobs where key = ${`mail:${id}`} and is_available and run_at > clock_timestamp()),
    run_at := now())`.execute(tx);
  return rows.length > 0;
}

/** Forgets the mail's job, which the queue keeps after the last try. */
export async function removeJob(tx: Transaction<DB>, id: string): Promise<void> {
  await sql`select graphile_worker.remove_job(${`mail:${id}`})`.execute(tx);
}
