import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { isUsedUp } from '../download_tokens/rules.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import {
  type Client,
  failSession,
  findOpenSession,
  findSession,
  type Grant,
  insertSession,
  lockToken,
  type SessionKind,
  type SessionRow,
  takeDownload,
} from './queries.ts';

/**
 * The session that bytes are counted in: the client's open one, else a new one, which takes one of the token's
 * downloads. Parallel ranges of one client share it; an open one may always go on, also when the token is used up.
 */
export function openSession(
  db: Kysely<DB>,
  { ids }: Deps,
  grant: Grant,
  kind: SessionKind,
  totalBytes: number,
  client: Client,
): Promise<{ session: SessionRow; created: boolean }> {
  return inTransaction(db, async (tx) => {
    const token = await lockToken(tx, grant.id);
    const open = await findOpenSession(tx, grant.id, kind, client);
    if (open) return { session: open, created: false };
    if (!token || isUsedUp(token)) throw fail('used_up', { field: 'token' });
    const id = ids.next();
    await takeDownload(tx, grant.id);
    await insertSession(tx, id, grant, kind, totalBytes, client);
    const { organisation_id: organisationId, product_id, version_id } = grant;
    const data = { session_id: id, token_id: grant.id, product_id, version_id };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'download.started', userId: null, data });
    return { session: await load(tx, grant.id, id), created: true };
  });
}

/** Refuses a client that could not open a session now; for HEAD, which counts nothing. */
export async function requireDownload(db: Kysely<DB>, grant: Grant, kind: SessionKind, client: Client): Promise<void> {
  if (isUsedUp(grant) && !(await findOpenSession(db, grant.id, kind, client)))
    throw fail('used_up', { field: 'token' });
}

/** Refuses a client for whom neither kind of download would start or go on: `used_up`. Opens none. */
export async function requireAnyDownload(db: Kysely<DB>, grant: Grant, client: Client): Promise<void> {
  if (!isUsedUp(grant) || (await findOpenSession(db, grant.id, 'archive', client))) return;
  await requireDownload(db, grant, 'packs', client);
}

/** Ends a session as its client says; `completed` is believed only where every byte was delivered. */
export function endSession(
  db: Kysely<DB>,
  { ids }: Deps,
  grant: Grant,
  sessionId: string,
  status: 'completed' | 'failed',
): Promise<SessionRow> {
  return inTransaction(db, async (tx) => {
    await lockToken(tx, grant.id);
    const id = parseId(sessionId);
    const session = id && (await findSession(tx, grant.id, id));
    if (!session) throw fail('not_found', { field: 'sessionId' });
    if (session.status === status) return session;
    if (status === 'completed' || !(await failSession(tx, grant.id, session.id)))
      throw fail('conflict', { field: 'status' });
    const { product_id, version_id } = grant;
    const data = { session_id: session.id, token_id: grant.id, product_id, version_id };
    await recordEvent(tx, {
      id: ids.next(),
      organisationId: grant.organisation_id,
      type: 'download.failed',
      userId: null,
      data,
    });
    return load(tx, grant.id, session.id);
  });
}

async function load(db: Kysely<DB>, tokenId: string, id: string): Promise<SessionRow> {
  const session = await findSession(db, tokenId, id);
  if (!session) throw new Error(`session ${id} was not stored`);
  return session;
}
