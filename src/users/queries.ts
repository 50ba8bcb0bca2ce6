import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

export function findUser(db: Kysely<DB>, organisationId: string, userId: string) {
  return db
    .selectFrom('users')
    .innerJoin('organisations', 'organisations.id', 'users.organisation_id')
    .select(['users.id', 'users.email', 'users.role', 'users.created_at', 'organisations.id as organisation_id'])
    .select('organisations.name as organisation_name')
    .where('users.organisation_id', '=', organisationId)
    .where('users.id', '=', userId)
    .executeTakeFirst();
}

export type UserRow = NonNullable<Awaited<ReturnType<typeof findUser>>>;

export async function findUserId(db: Kysely<DB>, organisationId: string, email: string): Promise<string | undefined> {
  const query = db.selectFrom('users').select('id').where('organisation_id', '=', organisationId);
  return (await query.where('email', '=', email).executeTakeFirst())?.id;
}

export async function replaceApiKey(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  hash: Buffer,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ api_key_hash: hash, api_key_created_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .execute();
}

export interface NewUser {
  readonly id: string;
  readonly organisationId: string;
  readonly email: string;
  readonly role: string;
  readonly passwordHash: string | null;
  readonly apiKeyHash: Buffer;
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
      role: user.role,
      password_hash: user.passwordHash,
      api_key_hash: user.apiKeyHash,
      api_key_created_at: user.at,
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
