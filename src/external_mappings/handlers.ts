import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { findProduct } from '../products/queries.ts';
import { changeItem, mapItem, requireMapping, unmapItem } from './actions.ts';
import { presentMapping } from './present.ts';
import { listMappingRows } from './queries.ts';

export const listExternalMappings: Handler<'listExternalMappings'> = async (req, reply) => {
  const { db, deps, principal, path, query, koa } = req;
  const { organisationId } = principal;
  const page = pageOf(query);
  if (!(await findProduct(db, organisationId, path.productId))) throw fail('not_found', { field: 'productId' });
  const found = await listMappingRows(db, organisationId, path.productId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentMapping) });
};

export const createExternalMapping: Handler<'createExternalMapping'> = async (req, reply) => {
  const { db, deps, principal, path, body } = req;
  requirePaid(principal);
  const row = await mapItem(db, deps, principal, path.productId, body);
  const Location = `${deps.config.publicUrl}/api/products/${row.product_id}/external-mappings/${row.id}`;
  return reply(201, { headers: { Location }, body: presentMapping(row) });
};

export const getExternalMapping: Handler<'getExternalMapping'> = async ({ db, principal, path }, reply) =>
  reply(200, {
    body: presentMapping(await requireMapping(db, principal.organisationId, path.productId, path.mappingId)),
  });

export const updateExternalMapping: Handler<'updateExternalMapping'> = async (req, reply) => {
  const { db, deps, principal, path, body } = req;
  requirePaid(principal);
  return reply(200, { body: presentMapping(await changeItem(db, deps, principal, path, body)) });
};

export const deleteExternalMapping: Handler<'deleteExternalMapping'> = async ({ db, deps, principal, path }, reply) =>
  reply(200, { body: presentMapping(await unmapItem(db, deps, principal, path)) });
