import { readFileSync } from 'node:fs';
import { parse, stringify } from 'lossless-json';
import { expect } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import type { Send } from './client.ts';
import { sentMail } from './mail.ts';
import type { TestServer } from './serve_on.ts';
import { applyWebhooks, hmac, stripeSignature } from './webhooks.ts';

const FIXTURES = new URL('../../contract-tests/flows/fixtures/webhooks/', import.meta.url);

/** A vendor's payload, every digit of it kept; changed where that is asked for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- payloads have the shape that their vendor gives them
export function fixture(name: string, change: (payload: any) => unknown = () => undefined): string {
  const payload = parse(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
  change(payload);
  return stringify(payload) ?? '';
}

export const SECRET = 'whsec_test_0123456789';

type Row = Readonly<Record<string, unknown>>;

export type Seller = Awaited<ReturnType<typeof openSeller>>;

/** An organisation with two products on sale, and what its shops send. */
export async function openSeller(server: TestServer) {
  const own = await server.createAccount('admin');
  const drums = (await server.publishSmall(own)).product;
  const bass = (await server.publishSmall(own)).product;
  const as = own.apiKey;
  const rows = async (path: string) => (await server.client.get(path, { as })).json as readonly Row[];
  const post = (path: string, body: string | Buffer, headers: Record<string, string>, options: Send = {}) =>
    server.client.post(path, { body, headers: { 'content-type': 'application/json', ...headers }, ...options });
  let deliveries = 0;
  const signed = (vendor: string, header: string, body: string, headers: Record<string, string> = {}) =>
    post(`/webhooks/${own.orgId}/${vendor}`, body, { ...headers, [header]: hmac(SECRET, body) });
  return {
    own,
    drums,
    bass,
    post,
    set: (vendor: string, secret = SECRET, account: NewAccount = own) =>
      server.client.put(`/api/integrations/${vendor}`, { as: account.apiKey, json: { secret } }),
    map: (vendor: string, externalId: string, product = drums) =>
      server.client.post(`/api/products/${product}/external-mappings`, { as, json: { vendor, externalId } }),
    stripe: (event: object | string, secret = SECRET, path = `/webhooks/${own.orgId}/stripe`) => {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      return post(path, body, { 'stripe-signature': stripeSignature(secret, body) });
    },
    shopify: (topic: string, body: string, id = `${own.orgId} ${++deliveries}`) =>
      signed('shopify', 'x-shopify-hmac-sha256', body, { 'x-shopify-topic': topic, 'x-shopify-webhook-id': id }),
    woocommerce: (body: string, id = `${own.orgId} ${++deliveries}`, topic = 'order.updated') =>
      signed('woocommerce', 'x-wc-webhook-signature', body, {
        'x-wc-webhook-topic': topic,
        'x-wc-webhook-delivery-id': id,
      }),
    fastspring: (body: string) => signed('fastspring', 'x-fs-signature', body),
    /** Of every purchase, the newest first. */
    purchases: () => rows('/api/purchases'),
    deliveries: () => rows('/api/webhooks/deliveries?limit=200'),
    unmapped: () => rows('/api/webhooks/unmapped?limit=200'),
    mailsTo: async (email: string) => (await sentMail(server)).filter(({ to }) => to === email),
    apply: async (concurrency = 1) => expect(await applyWebhooks(server, concurrency)).toEqual([]),
  };
}

/** Product and state of each purchase, in the order of products. */
export const statesOf = async (seller: Seller): Promise<unknown[][]> =>
  (await seller.purchases())
    .map(({ productId, status }) => [productId, status])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));
