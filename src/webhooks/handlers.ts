import type { IncomingMessage } from 'node:http';
import { operations } from '../../generated/operations.ts';
import type { Handler, Req } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { readRaw } from '../http/raw_body.ts';
import { listLineRows } from './line_queries.ts';
import { presentDelivery, presentLine } from './present.ts';
import { listDeliveryRows } from './queries.ts';
import { receive } from './receive.ts';
import { replayLine } from './replay.ts';
import type { Post } from './signatures.ts';
import { isPing } from './woocommerce.ts';

const RECEIVED = { body: { received: true } };

type Signed =
  | 'receiveStripeWebhook'
  | 'receiveOrganisationStripeWebhook'
  | 'receiveShopifyWebhook'
  | 'receiveWoocommerceWebhook'
  | 'receiveFastspringWebhook'
  | 'receiveVibracartproWebhook';

const LARGEST = operations.receiveStripeWebhook.maxBody;

const postOf = async ({ req }: { req: IncomingMessage }): Promise<Post> => ({
  raw: await readRaw(req, LARGEST),
  headers: req.headers,
});

const of = (req: Req<Signed>): string => (req.path as { orgId: string }).orgId;

export const receiveStripeWebhook: Handler<'receiveStripeWebhook'> = async ({ deps, koa }, reply) => {
  await receive(deps, 'stripe', await postOf(koa));
  return reply(200, RECEIVED);
};

export const receiveOrganisationStripeWebhook: Handler<'receiveOrganisationStripeWebhook'> = async (req, reply) => {
  await receive(req.deps, 'stripe', await postOf(req.koa), of(req));
  return reply(200, RECEIVED);
};

export const receiveShopifyWebhook: Handler<'receiveShopifyWebhook'> = async (req, reply) => {
  await receive(req.deps, 'shopify', await postOf(req.koa), of(req));
  return reply(200, RECEIVED);
};

export const receiveWoocommerceWebhook: Handler<'receiveWoocommerceWebhook'> = async (req, reply) => {
  const post = await postOf(req.koa);
  if (!isPing(post.raw)) await receive(req.deps, 'woocommerce', post, of(req));
  return reply(200, RECEIVED);
};

export const receiveFastspringWebhook: Handler<'receiveFastspringWebhook'> = async (req, reply) => {
  await receive(req.deps, 'fastspring', await postOf(req.koa), of(req));
  return reply(200, RECEIVED);
};

export const receiveVibracartproWebhook: Handler<'receiveVibracartproWebhook'> = async (req, reply) => {
  const post = { ...(await postOf(req.koa)), secret: req.query.secret };
  await receive(req.deps, 'vibracartpro', post, of(req));
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
