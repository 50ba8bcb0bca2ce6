import type { Context } from 'koa';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { packKey } from '../blobs/keys.ts';
import { pourBlob } from '../blobs/pour.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { Pour } from '../http/handler.ts';
import { decide } from './archive.ts';
import { clientOf } from './client.ts';
import { counted } from './delivery.ts';
import { findPackSize, type Grant } from './queries.ts';
import type { Answer } from './reply.ts';
import { isWithin, packPosition, type Span } from './rules.ts';
import { openSession, requireDownload } from './sessions.ts';

interface PackHeaders {
  ETag: string;
  'Accept-Ranges': 'bytes';
}

/**
 * Bytes of a pack, only where the version's manifest refers to them: the whole pack if all of it is referenced, else
 * ranges within what is. Anything else is `not_found`, so that a token never reads a byte of another version.
 */
export async function answerPack(
  db: Kysely<DB>,
  deps: Deps,
  grant: Grant,
  sha256: string,
  koa: Context,
): Promise<Answer<PackHeaders>> {
  const size = /^[0-9a-f]{64}$/.test(sha256)
    ? await findPackSize(db, grant.organisation_id, grant.version_id, Buffer.from(sha256, 'hex'))
    : undefined;
  if (size === undefined) throw fail('not_found', { field: 'sha256' });
  const index = await deps.archives.get(grant.version_id);
  const { number, spans } = index.referenced(sha256);
  const headers = { ETag: `"${sha256}"`, 'Accept-Ranges': 'bytes' as const };
  const decision = decide(koa, { size, etag: headers.ETag });
  if (decision.status === 304) return { status: 304, headers: { ETag: headers.ETag } };
  const span = { start: decision.start, end: decision.end };
  if (!isWithin(spans, span)) throw fail('not_found', { field: 'sha256' });
  koa.res.setHeader('Content-Length', span.end - span.start);
  const pour = await pourOf(db, deps, grant, koa, sha256, number, index.referencedBytes(), span);
  if (decision.status === 200) return { status: 200, headers, pour };
  return { status: 206, headers: { ...headers, 'Content-Range': `bytes ${span.start}-${span.end - 1}/${size}` }, pour };
}

async function pourOf(
  db: Kysely<DB>,
  deps: Deps,
  grant: Grant,
  koa: Context,
  sha256: string,
  packNumber: number,
  totalBytes: number,
  span: Span,
): Promise<Pour> {
  const client = clientOf(deps, koa);
  if (koa.method === 'HEAD') {
    await requireDownload(db, grant, 'packs', client);
    return async () => undefined;
  }
  const { session } = await openSession(db, deps, grant, 'packs', totalBytes, client);
  const bytes = await deps.blobs.read(packKey(grant.organisation_id, sha256), span);
  return counted(deps, grant, session, packPosition(packNumber, span.start), (sink, onBytes) =>
    pourBlob(bytes, sink, onBytes),
  );
}
