import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSeller, type Seller, statesOf } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let seller: Seller;
let buyer: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
  buyer = `buyer@${seller.own.orgId}.example`;
  await seller.set('shopify');
  await seller.set('fastspring');
});

const order = (more: object = {}) =>
  JSON.stringify({
    ...{ id: 700, financial_status: 'paid', currency: 'USD', email: buyer, created_at: '2026-01-01T00:00:00Z' },
    line_items: [{ id: 1, variant_id: 701, product_id: 7, quantity: 1, price: '10.00', name: 'A' }],
    ...more,
  });
const sell = async (more?: object) => {
  await seller.shopify('orders/updated', order(more));
  await seller.apply();
};
const map = async (externalId: string, product?: string) => {
  const { json } = await seller.map('shopify', externalId, product);
  await seller.apply();
  return `/api/products/${json.productId}/external-mappings/${json.id}`;
};
const as = () => seller.own.apiKey;

describe('what was sold', () => {
  it('stays what it was when its item is mapped to something else', async () => {
    const mapping = await map('701');
    await sell();
    await server.client.delete(mapping, { as: as() });
    await map('701', seller.bass);
    await sell({ tags: 'thanked' });
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
    expect(await seller.mailsTo(buyer)).toHaveLength(1);
    await sell({ id: 800 });
    expect(await seller.mailsTo(buyer)).toHaveLength(2);
    expect((await seller.purchases()).map(({ orderId, productId }) => [orderId, productId])).toEqual([
      ['800', seller.bass],
      ['700', seller.drums],
    ]);
  });

  it('stays also where it had waited for its mapping', async () => {
    await sell();
    const mapping = await map('701');
    await server.client.delete(mapping, { as: as() });
    await map('701', seller.bass);
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
    const other = await map('elsewhere', seller.bass);
    await server.client.put(other, { as: as(), json: { externalId: '7' } });
    await sell({ tags: 'thanked' });
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
  });

  it('by one name of its item stays when another of its names is mapped', async () => {
    await sell();
    await map('7');
    await map('701', seller.bass);
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
  });

  it('is refunded as what it was sold as, when its mapping is gone', async () => {
    const mapping = await map('701');
    await sell();
    await server.client.delete(mapping, { as: as() });
    const line_item = { id: 1, variant_id: 701, quantity: 1, current_quantity: 0 };
    await seller.shopify(
      'refunds/create',
      JSON.stringify({ id: 5, order_id: 700, refund_line_items: [{ quantity: 1, line_item }] }),
    );
    await seller.apply();
    expect(await statesOf(seller)).toEqual([[seller.drums, 'refunded']]);
  });
});

it('a replay finds what a report would have found', async () => {
  const { drums, bass } = seller;
  const event = (id: string) =>
    JSON.stringify({
      events: [
        {
          ...{ id, type: 'order.completed' },
          data: { order: id, currency: 'USD', customer: { email: buyer }, items: [{ product: drums, subtotal: 5 }] },
        },
      ],
    });
  await seller.fastspring(event('before'));
  await seller.apply();
  expect(await seller.unmapped()).toMatchObject([{ orderId: 'before', externalIds: [drums], reason: 'no_mapping' }]);
  // The shop's path is our slug of something else.
  await seller.map('fastspring', drums, bass);
  await seller.apply();
  await seller.fastspring(event('after'));
  await seller.apply();
  expect((await seller.purchases()).map(({ orderId, productId }) => [orderId, productId])).toEqual([
    ['after', bass],
    ['before', bass],
  ]);
  expect([await seller.unmapped(), (await seller.deliveries()).map(({ status }) => status)]).toEqual([
    [],
    ['applied', 'applied'],
  ]);
});
