import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
  await seller.set('shopify');
  await seller.set('stripe');
  await seller.set('fastspring');
  await seller.map('shopify', '555');
});

const order = (more: object = {}, line: object = {}) =>
  JSON.stringify({
    ...{ id: 1, financial_status: 'paid', currency: 'USD', email: 'p@example.com', created_at: '2026-01-01T00:00:00Z' },
    line_items: [{ id: 1, variant_id: 555, quantity: 1, price: '10.00', name: 'A', ...line }],
    ...more,
  });
const outcome = async () => {
  const [delivery] = await seller.deliveries();
  const [purchase] = await seller.purchases();
  return { status: delivery?.['status'], error: delivery?.['error'], amount: purchase?.['amount'], purchase };
};

describe('an order that cannot be', () => {
  it.each<[string, string, object]>([
    [
      'for more than there is',
      order({}, { quantity: 1e15, price: '9999999999999.00' }),
      { amount: undefined, error: expect.stringContaining('what was paid for A') },
    ],
    [
      'before the calendar',
      order({ created_at: '-200000-01-01T00:00:00Z' }),
      { error: expect.stringContaining('time') },
    ],
    ['that says a thing twice', order().replace('"id":1', '"id":0,"id":1'), { amount: 1000 }],
    ['that says what cannot be stored twice', order().replace('"id":1', '"n\\u0000":1,"n\\u0000":2,"id":1'), { amount: 1000 }], // prettier-ignore
  ])('%s is a purchase all the same', async (_name, body, expected) => {
    expect((await seller.shopify('orders/paid', body)).status).toBe(200);
    await seller.apply();
    expect(await outcome()).toMatchObject({ status: 'applied', purchase: { orderId: '1' }, ...expected });
  });

  it('that is nested without end is refused', async () => {
    const body = order().replace('"id":1', `"id":1,"note":${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect((await seller.shopify('orders/paid', body)).json).toEqual({ error: { generic: ['invalid_json'] } });
    expect(await seller.deliveries()).toEqual([]);
  });

  it.each([
    'müller@example.com',
    'o..brien@example.com',
    `p@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.ddddddddd.example.${'e'.repeat(60)}`,
  ])('to %.20s waits for an address', async (email) => {
    // prettier-ignore
    await seller.shopify('orders/paid', order({ email }));
    await seller.apply();
    const waiting = { status: 'unmapped', purchase: undefined, error: expect.stringContaining('no address') };
    expect(await outcome()).toMatchObject(waiting);
    expect(await seller.unmapped()).toMatchObject([{ reason: 'no_email' }]);
    await seller.shopify('orders/updated', order());
    await seller.apply();
    expect([await seller.unmapped(), (await outcome()).purchase?.['customerEmail']]).toEqual([[], 'p@example.com']);
  });
});

describe('an event without an id', () => {
  it('of Stripe is one all the same, and once', async () => {
    const object = {
      ...{ id: 'cs_9', payment_status: 'paid', amount_total: 5, currency: 'usd' },
      customer_details: { email: 'p@example.com' },
      metadata: { continuata_product_id: seller.drums },
    };
    const event = { id: 7, type: 'checkout.session.completed', data: { object } };
    for (const each of [event, event]) expect((await seller.stripe(each)).status).toBe(200);
    await seller.apply();
    expect([(await seller.deliveries()).length, (await seller.purchases()).length]).toEqual([1, 1]);
  });

  it('of FastSpring is known by where it stands', async () => {
    const event = (id: unknown, order: string) => ({
      ...{ id, type: 'order.completed' },
      data: { order, currency: 'USD', customer: { email: 'p@example.com' }, items: [{ product: 'kit', subtotal: 5 }] },
    });
    await seller.map('fastspring', 'kit');
    const body = JSON.stringify({ events: [event('a', 'A'), event(undefined, 'B'), event(7, 'C')] });
    for (const each of [body, body]) expect((await seller.fastspring(each)).status).toBe(200);
    await seller.apply();
    expect((await seller.purchases()).map(({ orderId }) => orderId).sort()).toEqual(['A', 'B', 'C']);
    expect(await seller.deliveries()).toHaveLength(3);
  });

  it('of a type that every object has is ignored', async () => {
    await seller.stripe({ id: 'evt_constructor', type: 'constructor', data: { object: {} } });
    await seller.apply();
    expect((await outcome()).status).toBe('ignored');
  });
});
