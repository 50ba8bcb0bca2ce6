import { presentUrl } from '../download_tokens/present.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { clientAddress } from '../http/transport.ts';
import { askCode } from './ask_code.ts';
import { freshLink } from './download.ts';
import { listOwned } from './library.ts';
import { presentOwned } from './present.ts';
import { deleteSession } from './session_queries.ts';
import { signInByCode } from './sign_in.ts';
import { signOutEverywhere } from './sign_out.ts';

export const createPortalCode: Handler<'createPortalCode'> = async ({ deps, body, koa }, reply) => {
  const { requestId, expiresAt } = await askCode(deps, clientAddress(koa.req, deps.config.trustProxy), body.email);
  return reply(200, { body: { requestId, expiresAt: expiresAt.toISOString() } });
};

export const createPortalSession: Handler<'createPortalSession'> = async ({ deps, body, koa }, reply) => {
  const address = clientAddress(koa.req, deps.config.trustProxy);
  const { token, expiresAt } = await signInByCode(deps, body, { kind: 'api', address });
  return reply(200, { body: { token, expiresAt: expiresAt.toISOString() } });
};

export const listPortalPurchases: Handler<'listPortalPurchases'> = async (req, reply) => {
  const { db, deps, principal, query, koa } = req;
  const page = pageOf(query);
  const found = await listOwned(db, principal.email, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentOwned) });
};

export const generatePortalDownloadUrl: Handler<'generatePortalDownloadUrl'> = async (req, reply) => {
  const { db, deps, principal, path, body } = req;
  const wanted = { purchaseId: path.purchaseId, version: body?.version ?? null };
  const minted = await freshLink(db, deps, principal, wanted);
  return reply(200, { body: presentUrl(minted, deps.config.publicUrl) });
};

export const deletePortalSession: Handler<'deletePortalSession'> = async ({ db, principal }, reply) =>
  reply(200, { body: { ended: await deleteSession(db, principal.email, principal.sessionId) } });

export const deletePortalSessions: Handler<'deletePortalSessions'> = async ({ db, deps, principal }, reply) =>
  reply(200, { body: { ended: await signOutEverywhere(db, deps, principal.email) } });
