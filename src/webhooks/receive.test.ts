import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { excessOf } from './limits.ts';
import { endDeliveries } from './queries.ts';
import { createApplier } from './tasks.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
  await seller.set('fastspring');
  await seller.set('shopify');
  await seller.map('fastspring', 'kit');
  await seller.map('shopify', '555');
});

const stored = async () => {
  const { rows } = await sql<{ count: number; bytes: number }>`
    select count(*)::int, sum(octet_length(sealed_body))::int as bytes from webhook_deliveries
    where organisation_id = ${seller.own.orgId}`.execute(server.deps.db);
  return rows[0] ?? { count: 0, bytes: 0 };
};

describe('many events in one post of FastSpring', () => {
  const sale = (n: number, note: string) =>
    `{"id":"e${n}","type":"order.completed","data":{"order":9007199254740993${n},"currency":"USD","note":"${note}",` +
    `"customer":{"email":"p@example.com"},"items":[{"product":"kit","subtotal":10.10}]}}`;
  const events = (count: number, note = '') =>
    `{"events":[${Array.from({ length: count }, (_, n) => sale(n, note)).join(',')}]}`;

  it('are kept each without the others, every digit of it', async () => {
    const body = events(300, 'x'.repeat(30_000));
    expect((await seller.fastspring(body)).status).toBe(200);
    const { count, bytes } = await stored();
    expect([count, bytes < body.length * 1.1]).toEqual([300, true]);
  });

  it('are applied each, once', async () => {
    for (const body of [events(3), events(3)]) expect((await seller.fastspring(body)).status).toBe(200);
    await seller.apply();
    expect((await seller.purchases()).map(({ orderId, amount }) => [orderId, amount]).sort()).toEqual(
      [0, 1, 2].map((n) => [`9007199254740993${n}`, 1010]),
    );
  });

  it('are refused where they are more than a thousand', async () => {
    const many = (count: number) => seller.fastspring(`{"events":[${Array<string>(count).fill('{}').join(',')}]}`);
    expect((await many(1001)).json).toEqual({ error: { generic: ['invalid_format'] } });
    expect((await stored()).count).toBe(0);
    expect((await many(1000)).status).toBe(200);
  });
});

describe('a report that is larger than any order', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: n + 1, variant_id: 555, quantity: 1, price: '1.00', name: 'A' }));
  const order = (id: number, count: number) =>
    JSON.stringify({
      ...{ id, financial_status: 'paid', currency: 'USD', email: 'p@example.com', created_at: '2026-01-01T00:00:00Z' },
      line_items: lines(count),
    });

  it('fails, and others of its batch do not', async () => {
    for (const [id, count] of [[1, 501], [2, 500]] as const) await seller.shopify('orders/paid', order(id, count)); // prettier-ignore
    await seller.apply();
    expect(await seller.deliveries()).toMatchObject([
      { status: 'applied' },
      { status: 'failed', error: 'it has more than 500 lines' },
    ]);
    expect((await seller.purchases()).map(({ orderId }) => orderId)).toEqual(['2']);
  });

  it.each([
    [20, undefined],
    [21, 'it names more than 20 payments'],
  ])('names %i payments', (count, expected) => {
    const references = Array.from({ length: count }, (_, n) => `pi_${n}`);
    expect(excessOf({ kind: 'relation', references })).toBe(expected);
  });

  it('is seen to have failed where the database refuses it', async () => {
    await seller.shopify('orders/paid', order(3, 1));
    const [{ id } = {}] = await seller.deliveries();
    const open = () => {
      throw Object.assign(new Error('out of shared memory'), { code: '53200' });
    };
    const apply = createApplier({ ...server.deps, vault: { ...server.deps.vault, open } });
    await Promise.allSettled(apply([{ organisationId: seller.own.orgId, deliveryId: String(id) }]));
    expect(await seller.deliveries()).toMatchObject([{ status: 'failed', error: 'Error: out of shared memory' }]);
  });
});

it('what went wrong is told without what the database cannot store', async () => {
  await seller.shopify('orders/paid', '{"id":1}');
  const [{ id } = {}] = await seller.deliveries();
  const key = { organisationId: seller.own.orgId, deliveryId: String(id) };
  await endDeliveries(server.deps.db, [{ ...key, status: 'failed', error: 'key "n\0" twice, \ud800' }]);
  expect(await seller.deliveries()).toMatchObject([{ status: 'failed', error: 'key "n" twice, \ufffd' }]);
});
