import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

export interface SignInRow {
  readonly id: string;
  readonly organisation_id: string;
  readonly email: string;
  /** Null: the user signs in only once they have set one by mail. */
  readonly password_hash: string | null;
}

/** The user of a whole installation who signs in by this address: nobody has said yet which organisation they are of. */
export function findForSignIn(db: Kysely<DB>, email: string): Promise<SignInRow | undefined> {
  const query = db.selectFrom('users').select(['id', 'organisation_id', 'email', 'password_hash']);
  return query.where('email', '=', email).executeTakeFirst();
}

/** Of a user: what is stored for their password, locked until the transaction ends. */
export async function lockUser(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
): Promise<SignInRow | undefined> {
  return tx
    .selectFrom('users')
    .select(['id', 'organisation_id', 'email', 'password_hash'])
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function setPasswordHash(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  hash: string,
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ password_hash: hash })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .execute();
}

/** The commit of this transaction does not wait for the disk: a crash within the next half second may undo it. */
export async function forgoFlush(tx: Transaction<DB>): Promise<void> {
  await sql`set local synchronous_commit = off`.execute(tx);
}

/** The same without a lock. */
export async function findPasswordHash(db: Kysely<DB>, organisationId: string, userId: string): Promise<string | null> {
  const query = db.selectFrom('users').select('password_hash').where('organisation_id', '=', organisationId);
  return (await query.where('id', '=', userId).executeTakeFirst())?.password_hash ?? null;
}
