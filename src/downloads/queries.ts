import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Hot, Statement } from '../db/hot.ts';
import type { Page } from '../http/pagination.ts';

/** What a link gives access to: its token, the version it is bound to, and what stands in the way. */
export interface Grant {
  id: string;
  organisation_id: string;
  organisation_name: string;
  product_id: string;
  product_name: string;
  version_id: string;
  version: string;
  version_status: string;
  version_size: string;
  file_count: number;
  archive_size: string;
  archive_etag: string;
  manifest_sha256: Buffer;
  manifest_size: string;
  manifest_jws: string;
  suspended: boolean;
  expires_at: Date;
  revoked_at: Date | null;
  max_downloads: number | null;
  download_count: number;
}

const FIND_GRANT: Statement = {
  name: 'find_grant',
  text: `select t.id, t.organisation_id, o.name as organisation_name, t.product_id, p.name as product_name, t.version_id, v.version,
    v.status as version_status, v.size as version_size, v.file_count, v.archive_size, v.archive_etag, v.manifest_sha256, v.manifest_size, v.manifest_jws,
    o.suspended_at is not null as suspended, t.expires_at, t.revoked_at, t.max_downloads, t.download_count
  from download_tokens t
  join organisations o on o.id = t.organisation_id
  join products p on p.organisation_id = t.organisation_id and p.id = t.product_id
  join versions v on v.organisation_id = t.organisation_id and v.id = t.version_id
  where t.token_hash = $1`,
};

/** The token is the credential, so its hash is what scopes this look-up. */
export async function findGrant(hot: Hot, tokenHash: Buffer): Promise<Grant | undefined> {
  const [row] = await hot.query<Grant>(FIND_GRANT, [tokenHash]);
  return row;
}

export type SessionKind = 'archive' | 'packs';

export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

const sessionColumns = [
  's.id',
  's.product_id',
  's.status',
  's.total_bytes',
  's.bytes_sent',
  's.started_at',
  's.completed_at',
  's.kind',
] as const;

const sessions = (db: Kysely<DB>) =>
  db
    .selectFrom('download_sessions as s')
    .innerJoin('versions as v', (join) =>
      join.onRef('v.organisation_id', '=', 's.organisation_id').onRef('v.id', '=', 's.version_id'),
    )
    .select([...sessionColumns, 's.token_id', 's.user_agent', 'v.version']);

/** The open session of this client under the token, if any. */
export function findOpenSession(db: Kysely<DB>, tokenId: string, kind: SessionKind, { address, userAgent }: Client) {
  return sessions(db)
    .where('s.token_id', '=', tokenId)
    .where('s.kind', '=', kind)
    .where('s.status', '=', 'started')
    .where(sql<boolean>`md5(s.address || chr(10) || s.user_agent) = md5(${address} || chr(10) || ${userAgent})`)
    .executeTakeFirst();
}

export type SessionRow = NonNullable<Awaited<ReturnType<typeof findOpenSession>>>;

export function findSession(db: Kysely<DB>, tokenId: string, id: string): Promise<SessionRow | undefined> {
  return sessions(db).where('s.token_id', '=', tokenId).where('s.id', '=', id).executeTakeFirst();
}

/** Locks the token until the transaction ends: of two clients that want its last download, one gets it. */
export function lockToken(tx: Transaction<DB>, tokenId: string) {
  return tx
    .selectFrom('download_tokens')
    .select(['download_count', 'max_downloads'])
    .where('id', '=', tokenId)
    .forUpdate()
    .executeTakeFirst();
}

export async function takeDownload(tx: Transaction<DB>, tokenId: string): Promise<void> {
  await tx
    .updateTable('download_tokens')
    .set({ download_count: sql`download_count + 1`, last_used_at: sql`now()` })
    .where('id', '=', tokenId)
    .execute();
}

/** With nothing to deliver, as for a version of empty files, it is complete from the start. */
export async function insertSession(
  tx: Transaction<DB>,
  id: string,
  grant: Grant,
  kind: SessionKind,
  totalBytes: number,
  client: Client,
): Promise<void> {
  await tx
    .insertInto('download_sessions')
    .values({
      id,
      organisation_id: grant.organisation_id,
      product_id: grant.product_id,
      version_id: grant.version_id,
      token_id: grant.id,
      kind,
      address: client.address,
      user_agent: client.userAgent,
      total_bytes: totalBytes,
      ...(totalBytes === 0 ? { status: 'completed', completed_at: sql`now()` } : {}),
    })
    .execute();
}

/**
 * Bytes [start, end) of what the session delivers; a byte that goes out twice counts once. A client that asks for every
 * other byte would make the set of them grow for ever: from 4,096 pieces on only what touches one of them is added, and
 * bytes elsewhere are not credited until the gaps are filled.
 */
const RECORD_DELIVERY: Statement = {
  name: 'record_delivery',
  text: `with before as (
    select id, delivered, int8range($3::bigint, $4::bigint) as added
    from download_sessions where id = $1::bigint and token_id = $2::bigint and status = 'started' for update),
  joined as (
    select id, case
      when delivered && int8range(lower(added) - 1, upper(added) + 1) or (select count(*) from unnest(delivered)) < 4096
        then delivered + int8multirange(added) else delivered end as delivered
    from before),
  after as (
    select id, delivered, coalesce((select sum(upper(r) - lower(r)) from unnest(delivered) r), 0) as sent from joined)
  update download_sessions s
  set delivered = after.delivered, bytes_sent = after.sent, last_byte_at = now(),
    status = case when after.sent >= s.total_bytes then 'completed' else s.status end,
    completed_at = case when after.sent >= s.total_bytes then now() else s.completed_at end
  from after where s.id = after.id
  returning s.status`,
};

/** Adds delivered bytes to an open session; it completes when every byte was delivered, in whatever order. */
export async function recordDelivery(
  hot: Hot,
  tokenId: string,
  sessionId: string,
  start: number,
  end: number,
): Promise<void> {
  await hot.write(RECORD_DELIVERY, [sessionId, tokenId, start, end]);
}

/** Ends an open session as failed; answers false when it is not open. */
export async function failSession(tx: Transaction<DB>, tokenId: string, id: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('download_sessions')
    .set({ status: 'failed', completed_at: sql`now()` })
    .where('token_id', '=', tokenId)
    .where('id', '=', id)
    .where('status', '=', 'started')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export interface SessionFilter {
  readonly tokenId?: string | undefined;
  readonly productId?: string | undefined;
  readonly status?: string | undefined;
}

/** One row more than the page holds, newest first. */
export function listSessionRows(
  db: Kysely<DB>,
  organisationId: string,
  filter: SessionFilter,
  { limit, before }: Page,
): Promise<SessionRow[]> {
  let query = sessions(db)
    .where('s.organisation_id', '=', organisationId)
    .orderBy('s.id', 'desc')
    .limit(limit + 1);
  if (before !== undefined) query = query.where('s.id', '<', before);
  if (filter.tokenId !== undefined) query = query.where('s.token_id', '=', filter.tokenId);
  if (filter.productId !== undefined) query = query.where('s.product_id', '=', filter.productId);
  if (filter.status !== undefined) query = query.where('s.status', '=', filter.status);
  return query.execute();
}

/** Bytes of a pack that the version refers to; `undefined` when it does not. */
export async function findPackSize(
  db: Kysely<DB>,
  organisationId: string,
  versionId: string,
  sha256: Buffer,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('version_packs as vp')
    .innerJoin('packs as p', (join) =>
      join.onRef('p.organisation_id', '=', 'vp.organisation_id').onRef('p.sha256', '=', 'vp.sha256'),
    )
    .select('p.size')
    .where('vp.organisation_id', '=', organisationId)
    .where('vp.version_id', '=', versionId)
    .where('vp.sha256', '=', sha256)
    .executeTakeFirst();
  return row && Number(row.size);
}
