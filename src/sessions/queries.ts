import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Hot, Statement } from '../db/hot.ts';
import type { Role } from '../http/operation.ts';
import { hashSecret, UNPAID } from '../users/principal.ts';
import { IDLE_DAYS } from './rules.ts';

/** Who is signed in, as pages see them. */
export interface PageUser {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: Role;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly suspended: boolean;
  /** Trial ended without billing information, or overdue. */
  readonly unpaid: boolean;
  readonly apiKeyCreatedAt: Date | null;
}

/** SQL for "this session is still good", over the table alias `s`. */
const LIVE = `s.expires_at > now() and s.last_seen_at > now() - interval '${IDLE_DAYS} days'`;

const FIND_SESSION: Statement = {
  name: 'find_browser_session',
  text: `select s.id as "sessionId", u.id as "userId", u.email, u.name, u.role, u.organisation_id as "organisationId",
    o.name as "organisationName", o.suspended_at is not null as suspended, ${UNPAID} as unpaid,
    u.api_key_created_at as "apiKeyCreatedAt",
    s.last_seen_at < now() - interval '1 minute' as stale
  from sessions s join users u on u.id = s.user_id join organisations o on o.id = u.organisation_id
  where s.token_hash = $1 and ${LIVE}`,
};

/** Written at most once a minute, however many pages are opened. */
const SEE_SESSION: Statement = {
  name: 'see_browser_session',
  text: `update sessions set last_seen_at = now() where id = $1 and last_seen_at < now() - interval '1 minute'`,
};

/** The user behind a session's token, which is the credential: its hash is what scopes the look-up. */
export async function findSession({ hot }: { readonly hot: Hot }, token: string): Promise<PageUser | undefined> {
  const [row] = await hot.query<PageUser & { stale: boolean }>(FIND_SESSION, [hashSecret(token)]);
  if (!row) return undefined;
  const { stale, ...user } = row;
  if (stale) await hot.write(SEE_SESSION, [user.sessionId]);
  return user;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly tokenHash: Buffer;
  readonly address: string;
  readonly userAgent: string;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** Answers the organisation of the user. */
export async function insertSession(tx: Transaction<DB>, session: NewSession): Promise<string> {
  const { organisation_id } = await tx
    .insertInto('sessions')
    .values({
      id: session.id,
      user_id: session.userId,
      token_hash: session.tokenHash,
      address: session.address,
      user_agent: session.userAgent,
      created_at: session.at,
      last_seen_at: session.at,
      expires_at: session.expiresAt,
    })
    .returning((row) =>
      row
        .selectFrom('users')
        .select('organisation_id')
        .whereRef('users.id', '=', 'sessions.user_id')
        .$asScalar()
        .$notNull()
        .as('organisation_id'),
    )
    .executeTakeFirstOrThrow();
  return organisation_id;
}

/** The live sessions of the user, last seen first. */
export function listSessions(db: Kysely<DB>, userId: string) {
  return db
    .selectFrom('sessions as s')
    .select(['s.id', 's.address', 's.user_agent', 's.created_at', 's.last_seen_at'])
    .where('s.user_id', '=', userId)
    .where(sql<boolean>`${sql.raw(LIVE)}`)
    .orderBy('s.last_seen_at', 'desc')
    .orderBy('s.id', 'desc')
    .execute();
}

export type SessionRow = Awaited<ReturnType<typeof listSessions>>[number];

/** Answers false where the user has no such session. */
export async function deleteSession(tx: Transaction<DB>, userId: string, sessionId: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('sessions')
    .where('user_id', '=', userId)
    .where('id', '=', sessionId)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Ends every session of the user but one; answers the ids of those that ended. */
export async function endSessionsOf(tx: Transaction<DB>, userId: string, exceptSessionId?: string): Promise<string[]> {
  let query = tx.deleteFrom('sessions').where('user_id', '=', userId);
  if (exceptSessionId !== undefined) query = query.where('id', '<>', exceptSessionId);
  return (await query.returning('id').execute()).map(({ id }) => id);
}

/** Ends the session of that token, whoever was signed in; answers whose it was. */
export async function deleteSessionByToken(
  tx: Transaction<DB>,
  tokenHash: Buffer,
): Promise<{ id: string; userId: string; organisationId: string } | undefined> {
  return tx
    .deleteFrom('sessions as s')
    .using('users as u')
    .whereRef('u.id', '=', 's.user_id')
    .where('s.token_hash', '=', tokenHash)
    .returning(['s.id', 'u.id as userId', 'u.organisation_id as organisationId'])
    .executeTakeFirst();
}

/** Rows of sessions that have ended; nobody can use them any more. */
export async function deleteEndedSessions(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('sessions as s')
    .where(sql<boolean>`not (${sql.raw(LIVE)})`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
