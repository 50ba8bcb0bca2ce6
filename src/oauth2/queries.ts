import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** An application by its client id, which names it to everybody: users of any organisation may authorize it. */
const clients = (db: Kysely<DB>, clientId: string) =>
  db
    .selectFrom('applications as p')
    .innerJoin('organisations as o', 'o.id', 'p.organisation_id')
    .select(['p.id', 'p.name', 'p.description', 'p.confidential', 'p.secret_hash', 'p.redirect_uris', 'p.implicit'])
    .select(['o.name as organisation_name'])
    .select(sql<boolean>`o.suspended_at is not null`.as('suspended'))
    .where('p.id', '=', clientId);

export function findClient(db: Kysely<DB>, clientId: string) {
  return clients(db, clientId).executeTakeFirst();
}

/** The same; it cannot be deleted until the transaction ends, so that something can be granted to it. */
export function lockClient(tx: Transaction<DB>, clientId: string) {
  return clients(tx, clientId).forKeyShare('p').executeTakeFirst();
}

export type ClientRow = NonNullable<Awaited<ReturnType<typeof findClient>>>;

/** Adds the scopes to what the user granted the application before; answers the authorization's id. */
export async function upsertAuthorization(
  tx: Transaction<DB>,
  row: { id: string; userId: string; clientId: string; scopes: readonly string[]; at: Date },
): Promise<string> {
  const { id } = await tx
    .insertInto('authorizations')
    .values({
      id: row.id,
      user_id: row.userId,
      application_id: row.clientId,
      scopes: [...row.scopes],
      created_at: row.at,
      updated_at: row.at,
    })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'application_id']).doUpdateSet({
        scopes: sql`array(select distinct unnest(authorizations.scopes || excluded.scopes) order by 1)`,
        updated_at: row.at,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export interface NewCode {
  readonly id: string;
  readonly authorizationId: string;
  readonly hash: Buffer;
  readonly redirectUri: string;
  readonly redirectUriSent: boolean;
  readonly scopes: readonly string[];
  readonly challenge: string | null;
  readonly expiresAt: Date;
}

export async function insertCode(tx: Transaction<DB>, code: NewCode): Promise<void> {
  await tx
    .insertInto('authorization_codes')
    .values({
      id: code.id,
      authorization_id: code.authorizationId,
      code_hash: code.hash,
      redirect_uri: code.redirectUri,
      redirect_uri_sent: code.redirectUriSent,
      scopes: [...code.scopes],
      code_challenge: code.challenge,
      expires_at: code.expiresAt,
    })
    .execute();
}

/** The application's code by its hash, locked until the transaction ends: of two racing exchanges one waits. */
export function lockCode(tx: Transaction<DB>, clientId: string, hash: Buffer) {
  return tx
    .selectFrom('authorization_codes as c')
    .innerJoin('authorizations as a', 'a.id', 'c.authorization_id')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .innerJoin('organisations as o', 'o.id', 'u.organisation_id')
    .select(['c.id', 'c.authorization_id', 'c.redirect_uri', 'c.redirect_uri_sent', 'c.scopes', 'c.code_challenge'])
    .select(['c.expires_at', 'c.used_at', 'a.application_id', 'u.id as user_id', 'u.organisation_id'])
    .select(sql<boolean>`o.suspended_at is not null`.as('user_suspended'))
    .where('c.code_hash', '=', hash)
    .where('a.application_id', '=', clientId)
    .forUpdate('c')
    .executeTakeFirst();
}

export type CodeRow = NonNullable<Awaited<ReturnType<typeof lockCode>>>;

export async function markCodeUsed(tx: Transaction<DB>, authorizationId: string, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('authorization_codes')
    .set({ used_at: at })
    .where('authorization_id', '=', authorizationId)
    .where('id', '=', id)
    .execute();
}

/** Codes that ended long ago. Until then one that is used again still revokes what it gave. */
export async function deleteOldCodes(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('authorization_codes')
    .where('expires_at', '<', sql<Date>`now() - interval '30 days'`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

export interface NewToken {
  readonly id: string;
  readonly authorizationId: string;
  /** The code it was exchanged for; null after the implicit flow. */
  readonly codeId: string | null;
  readonly hash: Buffer;
  readonly scopes: readonly string[];
  readonly at: Date;
}

export async function insertAccessToken(tx: Transaction<DB>, token: NewToken): Promise<void> {
  await tx
    .insertInto('access_tokens')
    .values({
      id: token.id,
      authorization_id: token.authorizationId,
      code_id: token.codeId,
      token_hash: token.hash,
      scopes: [...token.scopes],
      created_at: token.at,
    })
    .execute();
}

/** Deletes what the code gave; answers how many tokens that were. */
export async function deleteTokensOfCode(
  tx: Transaction<DB>,
  authorizationId: string,
  codeId: string,
): Promise<number> {
  const result = await tx
    .deleteFrom('access_tokens')
    .where('authorization_id', '=', authorizationId)
    .where('code_id', '=', codeId)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Deletes the application's token; answers whose it was. */
export function deleteAccessToken(tx: Transaction<DB>, clientId: string, hash: Buffer) {
  return tx
    .deleteFrom('access_tokens as t')
    .using('authorizations as a')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .whereRef('a.id', '=', 't.authorization_id')
    .where('a.application_id', '=', clientId)
    .where('t.token_hash', '=', hash)
    .returning(['t.id', 'u.id as user_id', 'u.organisation_id'])
    .executeTakeFirst();
}

/** The application's token with the user it acts for; none where that user's account is suspended. */
export function findActiveToken(db: Kysely<DB>, clientId: string, hash: Buffer) {
  return db
    .selectFrom('access_tokens as t')
    .innerJoin('authorizations as a', 'a.id', 't.authorization_id')
    .innerJoin('users as u', 'u.id', 'a.user_id')
    .innerJoin('organisations as o', 'o.id', 'u.organisation_id')
    .select(['t.scopes', 't.created_at', 'a.application_id', 'u.id as user_id', 'u.email'])
    .where('a.application_id', '=', clientId)
    .where('t.token_hash', '=', hash)
    .where('o.suspended_at', 'is', null)
    .executeTakeFirst();
}

export type ActiveToken = NonNullable<Awaited<ReturnType<typeof findActiveToken>>>;
