import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const COLUMNS = ['id', 'name', 'created_at', 'last_seen_at'] as const;

/** One row more than the page holds, newest first; without those that were revoked. */
export function listRunnerRows(db: Kysely<DB>, organisationId: string, { limit, before }: Page) {
  const query = db
    .selectFrom('runners')
    .select(COLUMNS)
    .where('organisation_id', '=', organisationId)
    .where('revoked_at', 'is', null)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('id', '<', before)).execute();
}

/** Without its token, of which only the hash is known. */
export type RunnerRow = Awaited<ReturnType<typeof listRunnerRows>>[number];

interface NewRunner {
  readonly id: string;
  readonly name: string;
  readonly token_hash: Buffer;
  readonly created_by: string;
}

export function insertRunner(tx: Transaction<DB>, organisationId: string, runner: NewRunner): Promise<RunnerRow> {
  return tx
    .insertInto('runners')
    .values({ organisation_id: organisationId, ...runner })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

/** Undefined where there is none, or it was revoked before. */
export function markRevoked(tx: Transaction<DB>, organisationId: string, id: string): Promise<RunnerRow | undefined> {
  return tx
    .updateTable('runners')
    .set({ revoked_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
}
