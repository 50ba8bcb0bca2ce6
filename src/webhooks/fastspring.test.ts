import { LosslessNumber } from 'lossless-json';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, type Seller, statesOf } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { changeOf } from './fastspring.ts';
import { parseExact } from './payload.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const orders = (change: Parameters<typeof fixture>[1] = () => undefined) =>
  fixture('fastspring_orders', ({ events }) => change(events[0].data));
const returned = (more: object = {}, id = 'r') =>
  fixture('fastspring_return', ({ events }) => ((events[0].id = id), Object.assign(events[0].data, more)));
/** With another item, for 20. */
const two = () =>
  orders((data) => {
    data.items.push({ ...data.items[0], product: 'bass', subtotal: 20 });
    data.total = 120;
  });
const original = { id: '9qflPQrkR76oKDLObXguyg', order: '9qflPQrkR76oKDLObXguyg', total: 120 };

describe('FastSpring', () => {
  beforeEach(async () => {
    seller = await openSeller(server);
    await seller.set('fastspring');
    await seller.map('fastspring', 'epic-drum-kit');
    await seller.map('fastspring', 'bass', seller.bass);
  });

  it('reports several events in a post', async () => {
    await seller.fastspring(orders());
    await seller.fastspring(orders());
    await seller.apply();
    const common = { amount: 10_000, currency: 'USD', customerEmail: 'ned@example.com', customerName: 'Ned Smith' };
    expect(await seller.purchases()).toMatchObject([common]);
    expect((await seller.deliveries()).map(({ status }) => status).sort()).toEqual(['applied', 'ignored']);
    await seller.fastspring(fixture('fastspring_return'));
    await seller.apply();
    expect(await seller.purchases()).toMatchObject([{ status: 'refunded' }]);
  });

  it('may report a return before its order, in one post', async () => {
    const [order, back] = [orders(), returned()].map((text) => /^\{"events":\[(.*)\]\}$/.exec(text)?.[1]);
    await seller.fastspring(`{"events":[${back},${order}]}`);
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded']);
  });

  it.each<[string, object, [string, string]]>([
    [
      'of one item refunds that',
      { totalReturn: 20, items: [{ product: 'bass', subtotal: 20 }], original },
      ['paid', 'refunded'],
    ],
    [
      'of a part of what an item cost changes nothing',
      { totalReturn: 5, items: [{ product: 'bass', subtotal: 5 }], original },
      ['paid', 'paid'],
    ],
    [
      'of the whole sum refunds all',
      { totalReturn: 120, items: [{ product: 'bass', subtotal: 20 }], original },
      ['refunded', 'refunded'],
    ],
    ['that names no items refunds all', { totalReturn: 50, items: [], original }, ['refunded', 'refunded']],
    ['that did not come about changes nothing', { completed: false, original }, ['paid', 'paid']],
    ['of an order that is only named refunds all', { original: original.id, items: [] }, ['refunded', 'refunded']],
  ])('a return %s', async (_name, more, [drums, bass]) => {
    // prettier-ignore
    await seller.fastspring(two());
    await seller.fastspring(returned(more));
    await seller.apply();
    expect(await statesOf(seller)).toEqual([[seller.drums, drums], [seller.bass, bass]].sort()); // prettier-ignore
  });

  it('cancels an order', async () => {
    await seller.fastspring(orders());
    await seller.fastspring(fixture('fastspring_orders', ({ events }) => Object.assign(events[0], { id: 'c', type: 'order.canceled' }))); // prettier-ignore
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded']);
  });

  it.each(['order.failed', 'order.payment.pending', 'order.approval.pending', 'subscription.charge.completed', 'x'])(
    'ignores %s',
    async (type) => {
      await seller.fastspring(fixture('fastspring_orders', ({ events }) => (events[0].type = type)));
      await seller.apply();
      expect(await seller.purchases()).toEqual([]);
      expect((await seller.deliveries()).map(({ status }) => status)).toEqual(['ignored', 'ignored']);
    },
  );

  it('and a post without events is accepted', async () => {
    expect((await seller.fastspring('{"events":[]}')).status).toBe(200);
    expect(await seller.deliveries()).toEqual([]);
  });
});

describe('what FastSpring says', () => {
  const read = (change: Parameters<typeof fixture>[1]) => changeOf(parseExact(orders(change)), 'order.completed');

  it('of the buyer where accounts are expanded', () => {
    const contact = { first: 'Ann', last: 'Bee', email: 'Ann@Example.com' };
    expect(read((data) => Object.assign(data, { customer: undefined, account: { contact } }))).toMatchObject({
      email: 'ann@example.com',
      name: 'Ann Bee',
    });
  });

  it('of the buyer where only the recipient is known', () => {
    const recipients = [{ recipient: { email: 'gift@example.com' } }];
    const found = read((data) => Object.assign(data, { customer: null, recipients }));
    expect(found).toMatchObject({ email: 'gift@example.com' });
  });

  it('of an item where products are expanded', () => {
    const product = { product: 'epic-drum-kit', sku: 'S1' };
    const found = read((data) => Object.assign(data.items[0], { product, sku: 'S1', quantity: 3 }));
    expect(found).toMatchObject({ lines: [{ externalIds: ['epic-drum-kit', 'S1'], quantity: 3, amount: 10_000 }] });
  });

  it.each([
    ['USD', '49.95', 4995],
    ['JPY', '5000.0', 5000],
    ['IDR', '1.25E7', 1_250_000_000],
    ['KWD', '1.5', 1500],
  ])('in %s: %s', (currency, subtotal, amount) => {
    const found = read((data) => {
      data.currency = currency;
      data.items[0].subtotal = new LosslessNumber(subtotal);
    });
    expect(found).toMatchObject({ lines: [{ amount }], currency });
  });
});
