import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const users = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('users')
    .innerJoin('organisations', 'organisations.id', 'users.organisation_id')
    .select(['users.id', 'users.email', 'users.name', 'users.role', 'users.created_at'])
    .select(['organisations.id as organisation_id', 'organisations.name as organisation_name'])
    .where('users.organisation_id', '=', organisationId);

export function findUser(db: Kysely<DB>, organisationId: string, userId: string) {
  return users(db, organisationId).where('users.id', '=', userId).executeTakeFirst();
}

export type UserRow = NonNullable<Awaited<ReturnType<typeof findUser>>>;

/** One row more than the page holds, newest first. */
export function listUserRows(db: Kysely<DB>, organisationId: string, { limit, before }: Page): Promise<UserRow[]> {
  const query = users(db, organisationId)
    .orderBy('users.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('users.id', '<', before)).execute();
}

/** Who owns the organisation, at this moment; ask under `lockOrganisation` to act on it. */
export async function findOwnerIds(tx: Transaction<DB>, organisationId: string): Promise<string[]> {
  const query = tx.selectFrom('users').select('id').where('organisation_id', '=', organisationId);
  return (await query.where('role', '=', 'owner').execute()).map(({ id }) => id);
}

export async function changeRole(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  role: string,
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ role })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .execute();
}

/** Sessions, authorizations with their tokens, links and idempotency keys go with the user (foreign keys). */
export async function deleteUserRow(tx: Transaction<DB>, organisationId: string, userId: string): Promise<void> {
  await tx.deleteFrom('users').where('organisation_id', '=', organisationId).where('id', '=', userId).execute();
}

/** Whether the address has an account, in whichever organisation: an account belongs to one. */
export async function isAddressTaken(db: Kysely<DB>, email: string): Promise<boolean> {
  return (await db.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst()) !== undefined;
}

/** When the user's API key was made; undefined where there is none. */
export async function findApiKeyTime(
  db: Kysely<DB>,
  organisationId: string,
  userId: string,
): Promise<Date | undefined> {
  const query = db.selectFrom('users').select('api_key_created_at').where('organisation_id', '=', organisationId);
  return (await query.where('id', '=', userId).executeTakeFirst())?.api_key_created_at ?? undefined;
}

/** What the user gets mail about. */
export function findNotifications(db: Kysely<DB>, organisationId: string, userId: string) {
  const query = db.selectFrom('users').select('build_mails').where('organisation_id', '=', organisationId);
  return query.where('id', '=', userId).executeTakeFirst();
}

/** False where the user is gone. */
export async function changeNotifications(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  buildMails: string,
): Promise<boolean> {
  const query = tx.updateTable('users').set({ build_mails: buildMails }).where('organisation_id', '=', organisationId);
  return (await query.where('id', '=', userId).executeTakeFirst()).numUpdatedRows === 1n;
}

export async function findUserId(db: Kysely<DB>, organisationId: string, email: string): Promise<string | undefined> {
  const query = db.selectFrom('users').select('id').where('organisation_id', '=', organisationId);
  return (await query.where('email', '=', email).executeTakeFirst())?.id;
}

/** Answers the user's e-mail address; undefined where the user is gone. */
export async function replaceApiKey(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  hash: Buffer,
  at: Date,
): Promise<string | undefined> {
  const changed = await tx
    .updateTable('users')
    .set({ api_key_hash: hash, api_key_created_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .returning('email')
    .executeTakeFirst();
  return changed?.email;
}

export interface NewUser {
  readonly id: string;
  readonly organisationId: string;
  readonly email: string;
  readonly name?: string;
  readonly role: string;
  readonly passwordHash: string | null;
  /** Null: the user makes a key when one is needed. */
  readonly apiKeyHash: Buffer | null;
  readonly at: Date;
}

/** Answers false when the e-mail address is taken. */
export async function insertUser(tx: Transaction<DB>, user: NewUser): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('users')
    .values({
      id: user.id,
      organisation_id: user.organisationId,
      email: user.email,
      name: user.name ?? null,
      role: user.role,
      password_hash: user.passwordHash,
      api_key_hash: user.apiKeyHash,
      api_key_created_at: user.apiKeyHash && user.at,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
