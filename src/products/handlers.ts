import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { archive, createDraft, updateFields } from './actions.ts';
import { presentListing, presentProduct } from './present.ts';
import { findProduct, listProductRows } from './queries.ts';

export const listProducts: Handler<'listProducts'> = async ({ db, principal }, reply) => {
  const rows = await listProductRows(db, principal.organisationId);
  return reply(200, { body: rows.map(presentListing) });
};

export const createProduct: Handler<'createProduct'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const product = await createDraft(db, deps, principal, body);
  const Location = `${deps.config.publicUrl}/api/products/${product.id}`;
  return reply(201, { headers: { Location }, body: presentProduct(product) });
};

export const getProduct: Handler<'getProduct'> = async ({ db, principal, path }, reply) => {
  const row = await findProduct(db, principal.organisationId, path.productId);
  if (!row) throw fail('not_found', { field: 'productId' });
  return reply(200, { body: presentListing(row) });
};

export const updateProduct: Handler<'updateProduct'> = async ({ db, deps, principal, path, body }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentProduct(await updateFields(db, deps, principal, path.productId, body)) });
};

export const archiveProduct: Handler<'archiveProduct'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentProduct(await archive(db, deps, principal, path.productId)) });
};
