import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { listPurchaseRows, readJsonRows } from './queries.ts';

let server: TestServer;
let pair: ProductPair;
let other: string;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
  other = (await server.publishSmall(pair.own)).product;
  // Every shape that a row can have, and text that JSON has to escape.
  const text = 'Zoë "Q" \\ / \u0001\n\t\u2028 😀 </script>';
  await insert({ id: '100', email: 'a@example.com', order: 'plain', at: '2026-03-31T23:59:59.999Z' });
  await insert({ id: '101', email: 'b@example.com', order: text, name: text, at: '2026-04-01T00:00:00Z' });
  await insert({
    id: '102',
    email: 'a@example.com',
    order: 'paid',
    amount: '9007199254740991',
    at: '2026-04-30T23:59:59.999999Z',
  });
  await insert({
    id: '103',
    email: 'b@example.com',
    order: 'gone',
    refunded: '2026-05-02T00:00:00.001Z',
    at: '2026-05-01T00:00:00Z',
  });
  await insert({ id: '104', email: 'a@example.com', order: 'other', product: other, at: '1970-01-01T00:00:00Z' });
  await insert({
    id: '105',
    email: 'a@example.com',
    order: 'foreign',
    org: pair.foreign.orgId,
    at: '2026-04-15T00:00:00Z',
  });
});
afterAll(() => server.stop());

interface Seed {
  readonly id: string;
  readonly email: string;
  readonly order: string;
  readonly at: string;
  readonly name?: string;
  readonly amount?: string;
  readonly refunded?: string;
  readonly product?: string;
  readonly org?: string;
}

const insert = ({ id, email, order, at, name, amount, refunded, product, org }: Seed) =>
  server.deps.db
    .insertInto('purchases')
    .values({
      id,
      organisation_id: org ?? pair.own.orgId,
      product_id: product ?? pair.product,
      customer_email: email,
      customer_name: name ?? null,
      source: id === '102' ? 'stripe' : 'api',
      order_id: order,
      amount: amount ?? null,
      currency: amount === undefined ? null : 'EUR',
      status: refunded === undefined ? 'paid' : 'refunded',
      purchased_at: at,
      refunded_at: refunded ?? null,
    })
    .execute();

const list = (query: string, as = pair.own) => server.client.get(`/api/purchases?${query}`, { as: as.apiKey });
const idsOf = (json: { id: string }[]) => json.map(({ id }) => id);
const nextOf = (link: unknown) => /<(.*)>; rel="next"/.exec(String(link))?.[1]?.slice(server.url.length);

describe('the list of purchases', () => {
  it('is all of one’s own, last recorded first', async () => {
    const { headers, json } = await list('');
    expect(idsOf(json)).toEqual(['104', '103', '102', '101', '100']);
    expect(headers['link']).toBeUndefined();
    expect(idsOf((await list('', pair.foreign)).json)).toEqual(['105']);
  });

  it('says of each the same as a page does, and as the purchase itself', async () => {
    const all = (await list('')).json;
    expect((await list('limit=200')).json).toEqual(all);
    for (const purchase of all)
      expect((await server.client.get(`/api/purchases/${purchase.id}`, { as: pair.own.apiKey })).json).toEqual(
        purchase,
      );
    expect(all[2]).toMatchObject({ amount: 9007199254740991, purchasedAt: '2026-04-30T23:59:59.999Z' });
  });

  it.each([
    ['customerEmail=A@Example.com', ['104', '102', '100']],
    ['customerEmail=nobody@example.com', []],
    ['productId=same-slug', ['103', '102', '101', '100']],
    ['productId=nowhere', []],
    ['status=refunded', ['103']],
    ['status=paid&customerEmail=b@example.com', ['101']],
    ['from=2026-04-01', ['103', '102', '101']],
    ['to=2026-04-30', ['104', '102', '101', '100']],
    ['from=2026-04-01&to=2026-04-30', ['102', '101']],
    ['from=2026-04-01&to=2026-04-01', ['101']],
    ['from=0000-01-01&to=9999-12-31', ['104', '103', '102', '101', '100']],
    ['_=1', ['104', '103', '102', '101', '100']],
  ])('%s, as a whole and in a page', async (query, ids) => {
    expect(idsOf((await list(query)).json)).toEqual(ids);
    expect(idsOf((await list(`${query}&limit=50`)).json)).toEqual(ids);
  });

  it.each([
    ['from=2026-04-31', 'from'],
    ['from=2026-4-1', 'from'],
    ['from=2026-04-01T00:00:00Z', 'from'],
    ['to=yesterday', 'to'],
    ['to=', 'to'],
    ['from=2026-05-01&to=2026-04-30', 'from'],
    ['customerEmail=a%00@example.com', 'customerEmail'],
    ['productId=%00', 'productId'],
    ['productId=%ff', 'productId'],
    ['status=lost', 'status'],
    ['status=paid&status=paid', 'status'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['cursor=!', 'cursor'],
    ['cursor=AAAA', 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { status, json } = await list(query);
    expect([status, json]).toEqual([400, { error: { [field]: ['invalid_format'] } }]);
  });

  it('goes through JSON-P, as a whole too', async () => {
    const { body } = await list('callback=f');
    expect(body.toString()).toBe(`f(${(await list('')).body.toString()})`);
    expect((await list('callback=f&productId=nowhere')).body.toString()).toBe('f([])');
  });
});

describe('a page', () => {
  it('says where the next one is, with its filters, and takes a cursor alone', async () => {
    const first = await list('limit=2&customerEmail=a@example.com');
    expect(idsOf(first.json)).toEqual(['104', '102']);
    const next = nextOf(first.headers['link']) ?? '';
    const second = await server.client.get(next, { as: pair.own.apiKey });
    expect([idsOf(second.json), second.headers['link']]).toEqual([['100'], undefined]);
    const cursor = new URLSearchParams(next.split('?')[1]).get('cursor') ?? '';
    expect(idsOf((await list(`cursor=${cursor}`)).json)).toEqual(['101', '100']);
  });

  it('holds every purchase once, also while others are recorded', async () => {
    const account = await server.createAccount('admin');
    const { product } = await server.publishSmall(account);
    const record = async (order: number) => {
      const json = { productId: product, customerEmail: 'a@example.com', orderId: `o-${order}` };
      const answer = await server.client.post('/api/purchases', { as: account.apiKey, json });
      return String(answer.json.id);
    };
    const known: string[] = [];
    for (let order = 0; order < 10; order++) known.unshift(await record(order));
    const seen: string[] = [];
    let path: string | undefined = '/api/purchases?limit=3';
    for (let order = 10; path !== undefined; order++) {
      const { json, headers } = await server.client.get(path, { as: account.apiKey });
      seen.push(...idsOf(json));
      await record(order);
      path = nextOf(headers['link']);
    }
    expect(seen).toEqual(known);
  });
});

describe('every query', () => {
  it('finds what its owner has', async () => {
    const { db } = server.deps;
    const page = { limit: 50, before: undefined };
    expect((await listPurchaseRows(db, pair.foreign.orgId, {}, page)).map(({ id }) => id)).toEqual(['105']);
    expect(JSON.parse(`[${(await readJsonRows(db, pair.foreign.orgId, {}, page))?.text}]`)).toHaveLength(1);
    expect(await readJsonRows(db, 'nobody', {}, page)).toBeUndefined();
  });
});
