import type { Context } from 'koa';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { decideRange, type RangeDecision } from '../archives/ranges.ts';
import { openArchive } from '../archives/serve.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Pour } from '../http/handler.ts';
import { clientOf } from './client.ts';
import { counted } from './delivery.ts';
import type { Grant } from './queries.ts';
import type { Answer } from './reply.ts';
import { archiveName } from './rules.ts';
import { openSession, requireDownload } from './sessions.ts';

interface ArchiveHeaders {
  ETag: string;
  'Accept-Ranges': 'bytes';
  'Content-Disposition': string;
}

/** The range that the request's headers ask for of a representation; unsatisfiable is thrown with its size. */
export function decide(
  koa: Context,
  representation: { size: number; etag: string },
): Extract<RangeDecision, { start: number }> | { status: 304 } {
  const { headers } = koa.req;
  const ifRange = headers['if-range'];
  const decision = decideRange(
    koa.method,
    {
      range: headers.range || undefined,
      ifRange: typeof ifRange === 'string' ? ifRange || undefined : undefined,
      ifNoneMatch: headers['if-none-match'] || undefined,
    },
    representation,
  );
  if (decision.status === 416) {
    throw fail('range_not_satisfiable', {
      headers: { 'Content-Range': `bytes */${representation.size}`, 'Accept-Ranges': 'bytes' },
    });
  }
  return 'start' in decision ? decision : { status: 304 };
}

/** The version's ZIP, computed as it goes out; bytes are counted in the client's session. HEAD counts nothing. */
export async function answerArchive(
  db: Kysely<DB>,
  deps: Deps,
  grant: Grant,
  koa: Context,
): Promise<Answer<ArchiveHeaders>> {
  const decision = decide(koa, { size: Number(grant.archive_size), etag: grant.archive_etag });
  if (decision.status === 304) return { status: 304, headers: { ETag: grant.archive_etag } };
  const { start, end } = decision;
  const headers = {
    ETag: grant.archive_etag,
    'Accept-Ranges': 'bytes' as const,
    'Content-Disposition': `attachment; filename="${archiveName(grant.product_id, grant.version)}"`,
  };
  koa.res.setHeader('Content-Length', end - start);
  const pour = await pourOf(db, deps, grant, koa, start, end);
  if (decision.status === 200) return { status: 200, headers, pour };
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${start}-${end - 1}/${grant.archive_size}` },
    pour,
  };
}

async function pourOf(
  db: Kysely<DB>,
  deps: Deps,
  grant: Grant,
  koa: Context,
  start: number,
  end: number,
): Promise<Pour> {
  const client = clientOf(deps, koa);
  if (koa.method === 'HEAD') {
    await requireDownload(db, grant, 'archive', client);
    return async () => undefined;
  }
  const archive = openArchive(await deps.archives.get(grant.version_id), deps.blobs, grant.organisation_id);
  const { session } = await openSession(db, deps, grant, 'archive', archive.size, client);
  return counted(deps, grant, session, start, (sink, onBytes) => archive.pour(sink, start, end, onBytes));
}
