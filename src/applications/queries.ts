import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const COLUMNS = [
  'id',
  'name',
  'description',
  'confidential',
  'redirect_uris',
  'implicit',
  'secret_created_at',
  'created_at',
  'updated_at',
] as const;

const applications = (db: Kysely<DB>, organisationId: string) =>
  db.selectFrom('applications').select(COLUMNS).where('organisation_id', '=', organisationId);

export function findApplication(db: Kysely<DB>, organisationId: string, id: string) {
  return applications(db, organisationId).where('id', '=', id).executeTakeFirst();
}

/** Without its secret, of which only the hash is known. */
export type ApplicationRow = NonNullable<Awaited<ReturnType<typeof findApplication>>>;

/** One row more than the page holds, newest first. */
export function listApplicationRows(
  db: Kysely<DB>,
  organisationId: string,
  { limit, before }: Page,
): Promise<ApplicationRow[]> {
  const query = applications(db, organisationId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('id', '<', before)).execute();
}

export interface NewApplication {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly confidential: boolean;
  readonly redirect_uris: string[];
  readonly implicit: boolean;
  readonly secret_hash: Buffer | null;
  readonly secret_created_at: Date | null;
  readonly created_by: string;
}

export function insertApplication(
  tx: Transaction<DB>,
  organisationId: string,
  application: NewApplication,
): Promise<ApplicationRow> {
  return tx
    .insertInto('applications')
    .values({ organisation_id: organisationId, ...application })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

export interface ApplicationChange {
  readonly name?: string;
  readonly description?: string;
  readonly redirect_uris?: string[];
  readonly implicit?: boolean;
  readonly secret_hash?: Buffer;
  readonly secret_created_at?: Date;
}

/** Answers the application as it is now; `undefined` where there is none. */
export function changeApplication(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  change: ApplicationChange,
): Promise<ApplicationRow | undefined> {
  return tx
    .updateTable('applications')
    .set({ ...change, updated_at: sql`now()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** With it go its authorizations, their codes and their tokens (foreign keys). Answers what was deleted. */
export function removeApplication(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
): Promise<ApplicationRow | undefined> {
  return tx
    .deleteFrom('applications')
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .returning(COLUMNS)
    .executeTakeFirst();
}
