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

const item = (id: number, variant_id: number) => ({ id, variant_id, quantity: 1, price: '10.00', name: 'Bundle' });
const sell = async (id: number, ...line_items: object[]) => {
  const order = { id, financial_status: 'paid', currency: 'USD', email: buyer, created_at: '2026-01-01T00:00:00Z' };
  await seller.shopify('orders/paid', JSON.stringify({ ...order, line_items }));
  await seller.apply();
};
const refund = async (order_id: number, line: object) => {
  const refund_line_items = [{ quantity: 1, line_item: { ...line, current_quantity: 0 } }];
  await seller.shopify('refunds/create', JSON.stringify({ id: order_id + 5, order_id, refund_line_items }));
  await seller.apply();
};
const map = async (externalId: string, product?: string) => {
  expect((await seller.map('shopify', externalId, product)).status).toBe(201);
  await seller.apply();
};
const amounts = async () => new Map((await seller.purchases()).map(({ productId, amount }) => [productId, amount]));

describe('a bundle that is mapped after it was sold', () => {
  it('is all of it sold, a product at a time', async () => {
    const { drums, bass } = seller;
    await sell(777, item(1, 555));
    await map('555', drums);
    await map('555', bass);
    const sold = [[drums, 'paid'], [bass, 'paid']].sort(); // prettier-ignore
    expect(await statesOf(seller)).toEqual(sold);
    expect(await amounts()).toEqual(new Map([[bass, undefined], [drums, 1000]])); // prettier-ignore
    expect((await seller.mailsTo(buyer)).length).toBe(2);
    await sell(777, item(1, 555), item(1, 555));
    expect([await statesOf(seller), (await seller.mailsTo(buyer)).length]).toEqual([sold, 2]);
  });

  it('is sold in one mail when it is mapped at once', async () => {
    await sell(778, item(1, 555));
    await seller.map('shopify', '555', seller.drums);
    await seller.map('shopify', '555', seller.bass);
    await seller.apply();
    expect([(await statesOf(seller)).length, (await seller.mailsTo(buyer)).length]).toEqual([2, 1]);
  });

  it('does not grow when it came back', async () => {
    await sell(779, item(1, 555));
    await map('555');
    await refund(779, item(1, 555));
    await map('555', seller.bass);
    expect(await statesOf(seller)).toEqual([[seller.drums, 'refunded']]);
  });

  it('comes back whole', async () => {
    await sell(780, item(1, 555));
    await map('555', seller.drums);
    await map('555', seller.bass);
    await refund(780, item(1, 555));
    expect((await statesOf(seller)).map(([, status]) => status)).toEqual(['refunded', 'refunded']);
  });
});

it('what was sold while it was mapped does not grow', async () => {
  await map('555');
  await sell(781, item(1, 555));
  await map('555', seller.bass);
  expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
});

describe('a line that came back', () => {
  const [alone, bundle] = [item(1, 1001), item(2, 1002)];
  const returns = [() => refund(1000, alone), () => sell(1000, alone, bundle)];
  it.each([
    ['after the sale', returns.toReversed()],
    ['before the sale', returns],
  ])('%s leaves what another line holds', async (_when, steps) => {
    const { drums, bass } = seller;
    await map('1001', drums);
    await map('1002', drums);
    await map('1002', bass);
    for (const step of steps) await step();
    expect(await statesOf(seller)).toEqual([[drums, 'paid'], [bass, 'paid']].sort()); // prettier-ignore
    await refund(1000, bundle);
    expect(await statesOf(seller)).toEqual([[drums, 'refunded'], [bass, 'refunded']].sort()); // prettier-ignore
  });
});

describe('money back for a part of what a line cost', () => {
  const event = (id: string, type: string, data: object) => () =>
    seller.fastspring(JSON.stringify({ events: [{ id, type, data: { currency: 'USD', ...data } }] }));
  const sale = event('sale', 'order.completed', {
    ...{ order: 'o', customer: { email: 'part@example.com' } },
    items: [{ product: 'kit', quantity: 1, subtotal: 20 }],
  });
  const part = event('part', 'return.created', { original: { order: 'o' }, items: [{ product: 'kit', subtotal: 5 }] });
  it.each([
    ['sale', [sale, part]],
    ['return', [part, sale]],
  ])('leaves it bought, where the %s is reported first', async (_first, steps) => {
    await seller.map('fastspring', 'kit');
    for (const step of steps) {
      await step();
      await seller.apply();
    }
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
  });
});
