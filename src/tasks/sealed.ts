import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';

/** With graphile-worker's growing pauses: tried for about two days. */
const ATTEMPTS = 20;

/** What a job works on, for the server's eyes only: whoever reads the database reads the queue too. */
export interface Sealed {
  /** Base64. */
  readonly sealed: string;
}

/** Queues a job; it runs when the transaction that `db` may be commits, and never when it does not. */
export function queueSealed(
  db: Kysely<DB>,
  { vault }: Pick<Deps, 'vault'>,
  task: string,
  content: object,
): Promise<void> {
  return addSealed(db, task, sealJob({ vault }, task, content));
}

/** Queues a job whose content was sealed before. One of a higher `priority` waits for all that are due of a lower one. */
export async function addSealed(db: Kysely<DB>, task: string, payload: Sealed, priority = 0): Promise<void> {
  await sql`select graphile_worker.add_job(${task}, ${JSON.stringify(payload)}::json,
    max_attempts := ${ATTEMPTS}::int, priority := ${priority}::int)`.execute(db);
}

export function sealJob({ vault }: Pick<Deps, 'vault'>, task: string, content: object): Sealed {
  return { sealed: vault.seal(Buffer.from(JSON.stringify(content)), `job ${task}`).toString('base64') };
}

/** The content as it was queued. Throws when it was not sealed by this server, or for another task. */
export function openSealed({ vault }: Pick<Deps, 'vault'>, task: string, { sealed }: Sealed): unknown {
  return JSON.parse(vault.open(Buffer.from(sealed, 'base64'), `job ${task}`).toString());
}
