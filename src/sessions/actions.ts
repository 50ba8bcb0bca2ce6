import { randomBytes } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import { hashSecret } from '../users/principal.ts';
import { deleteSession, deleteSessionByToken, endSessionsOf, insertSession, type PageUser } from './queries.ts';
import { SESSION_DAYS } from './rules.ts';

const DAY = 24 * 60 * 60 * 1000;
/** Browsers write some hundred characters; whoever writes more gets no more room. */
const LONGEST_AGENT = 512;

export interface SignedIn {
  readonly userId: string;
  readonly address: string;
  readonly userAgent: string;
  /** Token of the session that this browser had before: it ends. */
  readonly replaces?: string | undefined;
}

/** A new session for a user who has just proved who they are. The token goes into the browser's cookie only. */
export async function createSession(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  { userId, address, userAgent, replaces }: SignedIn,
): Promise<{ token: string }> {
  const token = randomBytes(32).toString('base64url');
  const at = deps.clock();
  const expiresAt = new Date(at.getTime() + SESSION_DAYS * DAY);
  await inTransaction(db, async (tx) => {
    if (replaces !== undefined) await endSessionOfToken(tx, deps, replaces);
    const id = deps.ids.next();
    const tokenHash = hashSecret(token);
    const agent = userAgent.slice(0, LONGEST_AGENT).toWellFormed();
    const session = { id, userId, tokenHash, address, userAgent: agent, at, expiresAt };
    const organisationId = await insertSession(tx, session);
    const data = { session_id: id, address };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'session.created', userId, data });
  });
  return { token };
}

/** Signs a browser out. Nothing happens where its session has ended already. */
export async function endSessionOfToken(db: Kysely<DB>, deps: Pick<Deps, 'ids'>, token: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const ended = await deleteSessionByToken(tx, hashSecret(token));
    if (ended) await recordEnd(tx, deps, ended, ended.id);
  });
}

type Who = Pick<PageUser, 'userId' | 'organisationId'>;

/** Ends one session of the user; answers false where they have no such session. */
export async function endSession(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  user: Who,
  sessionId: string,
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const ended = await deleteSession(tx, user.userId, sessionId);
    if (ended) await recordEnd(tx, deps, user, sessionId);
    return ended;
  });
}

/** Ends every session of the user but the one named. */
export async function endOtherSessions(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  user: Who,
  sessionId: string,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    for (const id of await endSessionsOf(tx, user.userId, sessionId)) await recordEnd(tx, deps, user, id);
  });
}

function recordEnd(tx: Transaction<DB>, { ids }: Pick<Deps, 'ids'>, { userId, organisationId }: Who, id: string) {
  const data = { session_id: id };
  return recordEvent(tx, { id: ids.next(), organisationId, type: 'session.ended', userId, data });
}
