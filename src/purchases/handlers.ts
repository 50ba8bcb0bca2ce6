import { requirePaid } from '../http/authenticate.ts';
import type { Handler, Req } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { normaliseEmail } from '../users/email.ts';
import { record, refund, requirePurchase, resendEmail } from './actions.ts';
import { presentPurchase } from './present.ts';
import { listPurchaseRows, type PurchaseFilter, readJsonRows } from './queries.ts';
import { periodOf } from './rules.ts';
import { pourArray } from './stream.ts';

function filterOf({ customerEmail, productId, status, ...days }: Req<'listPurchases'>['query']): PurchaseFilter {
  const email = customerEmail === undefined ? undefined : normaliseEmail(customerEmail);
  return { customerEmail: email, productId, status, ...periodOf(days) };
}

export const listPurchases: Handler<'listPurchases'> = async ({ db, deps, principal, query, koa }, reply) => {
  const { organisationId } = principal;
  const filter = filterOf(query);
  if (query.limit === undefined && query.cursor === undefined)
    return reply(200, { body: pourArray((page) => readJsonRows(db, organisationId, filter, page)) });
  const page = pageOf(query);
  const found = await listPurchaseRows(db, organisationId, filter, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentPurchase) });
};

export const createPurchase: Handler<'createPurchase'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const purchase = await record(db, deps, principal, body);
  const Location = `${deps.config.publicUrl}/api/purchases/${purchase.id}`;
  return reply(201, { headers: { Location }, body: presentPurchase(purchase) });
};

export const getPurchase: Handler<'getPurchase'> = async ({ db, principal, path }, reply) =>
  reply(200, { body: presentPurchase(await requirePurchase(db, principal.organisationId, path.purchaseId)) });

export const refundPurchase: Handler<'refundPurchase'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentPurchase(await refund(db, deps, principal, path.purchaseId)) });
};

export const resendPurchaseEmail: Handler<'resendPurchaseEmail'> = async ({ db, deps, principal, path }, reply) => {
  requirePaid(principal);
  return reply(200, { body: presentPurchase(await resendEmail(db, deps, principal, path.purchaseId)) });
};
