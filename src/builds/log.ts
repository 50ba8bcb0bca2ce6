import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';
import type { Lease } from '../runner/queries.ts';
import { holdTask } from './held.ts';
import { append, type Log } from './log_rules.ts';
import { lockBuild, writeLog } from './queries.ts';
import { hasEnded } from './rules.ts';

/** Puts bytes at `offset` of the log, as far as they are not there yet; answers what the log is then. */
export function appendToLog(db: Kysely<DB>, lease: Lease, taskId: string, offset: number, bytes: Buffer): Promise<Log> {
  return inTransaction(db, async (tx) => {
    const { build_id } = await holdTask(tx, lease, taskId);
    const build = await lockBuild(tx, lease.organisationId, build_id);
    // Cancelled: whoever follows the log was told that it is complete.
    if (hasEnded(build.state)) throw fail('conflict');
    const appended = append({ size: Number(build.log_size), truncated: build.log_truncated }, offset, bytes);
    await writeLog(tx, build, appended);
    return appended;
  });
}
