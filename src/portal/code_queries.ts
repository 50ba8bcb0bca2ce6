import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { hashSecret } from '../users/principal.ts';
import { CODE_TRIES } from './rules.ts';

interface NewCode {
  readonly id: string;
  readonly requestId: string;
  readonly email: string;
  readonly codeHash: Buffer;
  /** Of the link. */
  readonly token: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

export async function insertCode(tx: Transaction<DB>, code: NewCode): Promise<void> {
  await tx
    .insertInto('portal_codes')
    .values({
      id: code.id,
      request_hash: hashSecret(code.requestId),
      email: code.email,
      code_hash: code.codeHash,
      link_hash: hashSecret(code.token),
      created_at: code.at,
      expires_at: code.expiresAt,
    })
    .execute();
}

const codes = (db: Kysely<DB>) =>
  db.selectFrom('portal_codes').select(['id', 'email', 'code_hash', 'tries', 'expires_at', 'used_at']);

/** The code that was asked for in a request, whatever became of it: see `refusalOf`. */
export function findByRequest(db: Kysely<DB>, requestId: string) {
  return codes(db).where('request_hash', '=', hashSecret(requestId)).executeTakeFirst();
}

/** The same, by the token of its link. */
export function findByLink(db: Kysely<DB>, token: string) {
  return codes(db).where('link_hash', '=', hashSecret(token)).executeTakeFirst();
}

export type CodeRow = NonNullable<Awaited<ReturnType<typeof findByRequest>>>;

/**
 * Counts one try, and answers the code where it bears it. One statement, committed before anything is compared: of many
 * guesses at once no more get to be compared.
 */
export async function takeTry(db: Kysely<DB>, requestId: string, at: Date): Promise<CodeRow | undefined> {
  return db
    .updateTable('portal_codes')
    .set({ tries: sql`tries + 1` })
    .where('request_hash', '=', hashSecret(requestId))
    .where('tries', '<', CODE_TRIES)
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .returning(['id', 'email', 'code_hash', 'tries', 'expires_at', 'used_at'])
    .executeTakeFirst();
}

/** Uses code and link up; of several at once exactly one gets true. */
export async function markUsed(tx: Transaction<DB>, email: string, id: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('portal_codes')
    .set({ used_at: at })
    .where('email', '=', email)
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Uses up every code and link that was mailed to the address. */
export async function markAllUsed(tx: Transaction<DB>, email: string, at: Date): Promise<void> {
  await tx
    .updateTable('portal_codes')
    .set({ used_at: at })
    .where('email', '=', email)
    .where('used_at', 'is', null)
    .execute();
}

/** Removes codes that expired a day ago; until then it can be said what became of them. */
export async function deleteOldCodes(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('portal_codes')
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
