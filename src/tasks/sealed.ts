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

interface Place {
  /** One of a higher priority waits for all that are due of a lower one. */
  readonly priority?: number;
  /** By which it is found again. There is one of a key at most: another takes its place. */
  readonly key?: string;
}

/** Queues a job whose content was sealed before. */
export function addSealed(db: Kysely<DB>, task: string, payload: Sealed, place: Place = {}): Promise<void> {
  return addAllSealed(db, task, [{ payload, ...place }]);
}

/** Several, in one statement. */
export async function addAllSealed(
  db: Kysely<DB>,
  task: string,
  jobs: readonly (Place & { readonly payload: Sealed })[],
): Promise<void> {
  const specs = jobs.map(({ payload, priority = 0, key }) => ({ payload, priority, key }));
  await sql`select count(*) from graphile_worker.add_jobs(array(
    select (${task}::text, payload, null, null, ${ATTEMPTS}::smallint, key, priority, null)::graphile_worker.job_spec
    from json_to_recordset(${JSON.stringify(specs)}::json) as spec (payload json, key text, priority smallint)))`.execute(
    db,
  );
}

export function sealJob({ vault }: Pick<Deps, 'vault'>, task: string, content: object): Sealed {
  return { sealed: vault.seal(Buffer.from(JSON.stringify(content)), `job ${task}`).toString('base64') };
}

/** The content as it was queued. Throws when it was not sealed by this server, or for another task. */
export function openSealed({ vault }: Pick<Deps, 'vault'>, task: string, { sealed }: Sealed): unknown {
  return JSON.parse(vault.open(Buffer.from(sealed, 'base64'), `job ${task}`).toString());
}
