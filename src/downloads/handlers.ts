import { isKnown } from '../archives/ranges.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { pourManifest } from '../versions/manifest.ts';
import { listPublicKeys } from '../secrets/signing.ts';
import { answerArchive } from './archive.ts';
import { clientOf } from './client.ts';
import { requireGrant } from './grant.ts';
import { answerPack } from './pack.ts';
import { downloadScript, downloadScriptETag } from './page_script_text.ts';
import { presentReport, presentSession } from './present.ts';
import { listSessionRows } from './queries.ts';
import { replyWith } from './reply.ts';
import { endSession, openSession, requireDownload } from './sessions.ts';

export const getDownloadArchive: Handler<'getDownloadArchive'> = async ({ db, deps, query, koa }, reply) => {
  const answer = await answerArchive(db, deps, await requireGrant(deps, query.token), koa);
  return replyWith(reply, 'application/zip', answer);
};

/** Asked for anew each time, so that a page never runs the script of another release. */
export const getDownloadScript: Handler<'getDownloadScript'> = ({ koa }, reply) => {
  const headers = { ETag: downloadScriptETag };
  koa.res.setHeader('Cache-Control', 'no-cache');
  if (isKnown(koa.req.headers['if-none-match'], downloadScriptETag)) return reply(304, { headers });
  return reply(200, { type: 'text/javascript', headers, body: downloadScript });
};

/** The exact bytes that the signature covers; fetching them opens no session, but a used-up token gets none. */
export const getDownloadManifest: Handler<'getDownloadManifest'> = async ({ db, deps, query, koa }, reply) => {
  const grant = await requireGrant(deps, query.token);
  await requireDownload(db, grant, 'packs', clientOf(deps, koa));
  const sha256 = grant.manifest_sha256.toString('hex');
  const ETag = `"${sha256}"`;
  if (isKnown(koa.req.headers['if-none-match'], ETag)) return reply(304, { headers: { ETag } });
  const body = pourManifest(deps.blobs, koa.res, grant);
  return reply(200, { headers: { ETag, 'Continuity-Signature': grant.manifest_jws }, body });
};

export const getDownloadPack: Handler<'getDownloadPack'> = async ({ db, deps, path, query, koa }, reply) => {
  const answer = await answerPack(db, deps, await requireGrant(deps, query.token), path.sha256, koa);
  return replyWith(reply, 'application/octet-stream', answer);
};

export const createDownloadSession: Handler<'createDownloadSession'> = async ({ db, deps, query, koa }, reply) => {
  const grant = await requireGrant(deps, query.token);
  const index = await deps.archives.get(grant.version_id);
  const { session, created } = await openSession(
    db,
    deps,
    grant,
    'packs',
    index.referencedBytes(),
    clientOf(deps, koa),
  );
  const body = presentSession(session);
  const Location = `${deps.config.publicUrl}/download/sessions/${session.id}`;
  return created ? reply(201, { headers: { Location }, body }) : reply(200, { body });
};

export const updateDownloadSession: Handler<'updateDownloadSession'> = async (
  { db, deps, path, query, body },
  reply,
) => {
  const grant = await requireGrant(deps, query.token);
  return reply(200, { body: presentSession(await endSession(db, deps, grant, path.sessionId, body.status)) });
};

export const listDownloadSessions: Handler<'listDownloadSessions'> = async (
  { db, deps, principal, query, koa },
  reply,
) => {
  const page = pageOf(query);
  const tokenId = query.tokenId === undefined ? undefined : parseId(query.tokenId);
  // What can be no id names no token.
  const none = query.tokenId !== undefined && tokenId === undefined;
  const found = none ? [] : await listSessionRows(db, principal.organisationId, { ...query, tokenId }, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentReport) });
};

export const getJwks: Handler<'getJwks'> = async ({ db }, reply) =>
  reply(200, { body: { keys: await listPublicKeys(db) } });
