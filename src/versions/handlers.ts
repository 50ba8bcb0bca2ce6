import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { findProduct } from '../products/queries.ts';
import { activate, loadVersion, yank } from './actions.ts';
import { pourManifest } from './manifest.ts';
import { presentVersion } from './present.ts';
import { listVersionRows } from './queries.ts';

export const listVersions: Handler<'listVersions'> = async ({ db, deps, principal, path, query, koa }, reply) => {
  if (!(await findProduct(db, principal.organisationId, path.productId)))
    throw fail('not_found', { field: 'productId' });
  const page = pageOf(query);
  const found = await listVersionRows(db, principal.organisationId, path.productId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentVersion) });
};

export const getVersion: Handler<'getVersion'> = async ({ db, principal, path }, reply) =>
  reply(200, { body: presentVersion(await loadVersion(db, principal.organisationId, path.productId, path.versionId)) });

/** The stored bytes, so that what a publisher reads is what was signed. */
export const getVersionManifest: Handler<'getVersionManifest'> = async ({ db, deps, principal, path, koa }, reply) => {
  const version = await loadVersion(db, principal.organisationId, path.productId, path.versionId);
  return reply(200, { body: pourManifest(deps.blobs, koa.res, version) });
};

export const activateVersion: Handler<'activateVersion'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentVersion(await activate(db, deps, principal, path.productId, path.versionId)) });
};

export const yankVersion: Handler<'yankVersion'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentVersion(await yank(db, deps, principal, path.productId, path.versionId)) });
};
