import type { Handler, Req } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { listLineRows } from './line_queries.ts';
import { presentDelivery, presentLine } from './present.ts';
import { listDeliveryRows } from './queries.ts';
import { receive } from './receive.ts';
import { replayLine } from './replay.ts';
import { replayDelivery } from './replay_delivery.ts';

const RECEIVED = { body: { received: true } };

type Signed =
  | 'receiveStripeWebhook'
  | 'receiveOrganisationStripeWebhook'
  | 'receiveShopifyWebhook'
  | 'receiveWoocommerceWebhook'
  | 'receiveFastspringWebhook'
  | 'receiveVibracartproWebhook';

const of = (req: Req<Signed>): string => (req.path as { orgId: string }).orgId;

export const receiveStripeWebhook: Handler<'receiveStripeWebhook'> = async ({ deps, koa }, reply) => {
  await receive(deps, { vendor: 'stripe', request: koa.req });
  return reply(200, RECEIVED);
};

export const receiveOrganisationStripeWebhook: Handler<'receiveOrganisationStripeWebhook'> = async (req, reply) => {
  await receive(req.deps, { vendor: 'stripe', request: req.koa.req, named: of(req) });
  return reply(200, RECEIVED);
};

export const receiveShopifyWebhook: Handler<'receiveShopifyWebhook'> = async (req, reply) => {
  await receive(req.deps, { vendor: 'shopify', request: req.koa.req, named: of(req) });
  return reply(200, RECEIVED);
};

export const receiveWoocommerceWebhook: Handler<'receiveWoocommerceWebhook'> = async (req, reply) => {
  await receive(req.deps, { vendor: 'woocommerce', request: req.koa.req, named: of(req) });
  return reply(200, RECEIVED);
};

export const receiveFastspringWebhook: Handler<'receiveFastspringWebhook'> = async (req, reply) => {
  await receive(req.deps, { vendor: 'fastspring', request: req.koa.req, named: of(req) });
  return reply(200, RECEIVED);
};

export const receiveVibracartproWebhook: Handler<'receiveVibracartproWebhook'> = async (req, reply) => {
  const { secret } = req.query;
  await receive(req.deps, { vendor: 'vibracartpro', request: req.koa.req, named: of(req), secret });
  return reply(200, RECEIVED);
};

export const listWebhookDeliveries: Handler<'listWebhookDeliveries'> = async (req, reply) => {
  const { db, deps, principal, query, koa } = req;
  const page = pageOf(query);
  const found = await listDeliveryRows(db, principal.organisationId, query, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentDelivery) });
};

export const listUnmappedLines: Handler<'listUnmappedLines'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listLineRows(db, principal.organisationId, query, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: rows.map(presentLine) });
};

export const replayUnmappedLine: Handler<'replayUnmappedLine'> = async ({ db, deps, principal, path }, reply) => {
  const { id, status, purchaseIds } = await replayLine(db, deps, principal.organisationId, path.lineId);
  return reply(200, { body: { id, status, purchaseIds: [...purchaseIds] } });
};

export const replayWebhookDelivery: Handler<'replayWebhookDelivery'> = async ({ db, deps, principal, path }, reply) => {
  const row = await replayDelivery({ ...deps, db }, principal.organisationId, path.deliveryId);
  return reply(200, { body: presentDelivery(row) });
};
