import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { SessionKind } from './customer.ts';

interface NewSession {
  readonly id: string;
  readonly email: string;
  readonly kind: SessionKind;
  readonly tokenHash: Buffer;
  readonly at: Date;
  readonly expiresAt: Date;
}

export async function insertSession(tx: Transaction<DB>, session: NewSession): Promise<void> {
  await tx
    .insertInto('portal_sessions')
    .values({
      id: session.id,
      email: session.email,
      kind: session.kind,
      token_hash: session.tokenHash,
      created_at: session.at,
      expires_at: session.expiresAt,
    })
    .execute();
}

/** Answers how many ended: none where it had ended before. */
export async function deleteSession(db: Kysely<DB>, email: string, id: string): Promise<number> {
  const query = db.deleteFrom('portal_sessions').where('email', '=', email).where('id', '=', id);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Every session of the address, in browsers and programs; answers how many ended. */
export async function deleteSessions(db: Kysely<DB>, email: string): Promise<number> {
  const query = db.deleteFrom('portal_sessions').where('email', '=', email);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Ends the session of that token, whosever it was. */
export async function deleteSessionByToken(db: Kysely<DB>, tokenHash: Buffer): Promise<void> {
  await db.deleteFrom('portal_sessions').where('token_hash', '=', tokenHash).execute();
}

/** Rows of sessions that have ended. */
export async function deleteEndedSessions(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('portal_sessions')
    .where('expires_at', '<', sql<Date>`now()`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
