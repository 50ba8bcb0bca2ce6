import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { parseExact } from './payload.ts';
import { changeOf } from './woocommerce.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const order = (more: object = {}) => fixture('woocommerce_order', (o) => Object.assign(o, more));
const UNPAID = { date_paid: null, date_paid_gmt: null };
const statuses = async () => (await seller.purchases()).map(({ status }) => status);

describe('WooCommerce', () => {
  beforeEach(async () => {
    seller = await openSeller(server);
    await seller.set('woocommerce');
  });

  it('greets with an unsigned form', async () => {
    const path = `/webhooks/${seller.own.orgId}/woocommerce`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await seller.post(path, 'webhook_id=7', headers);
    expect([status, await seller.deliveries()]).toEqual([200, []]);
    expect((await seller.post(path, 'webhook_id=7&a=1', headers)).status).toBe(401);
  });

  it('orders are purchases, once they are paid, until they are refunded', async () => {
    await seller.map('woocommerce', '23');
    await seller.map('woocommerce', '93', seller.bass);
    for (const status of ['pending', 'on-hold', 'failed', 'checkout-draft', 'trash'])
      await seller.woocommerce(order({ status, ...UNPAID }));
    await seller.apply();
    expect(await seller.purchases()).toEqual([]);
    await seller.woocommerce(order());
    await seller.woocommerce(order({ status: 'completed' }));
    await seller.apply();
    const common = { customerEmail: 'john.doe@example.com', customerName: 'John Doe', currency: 'USD' };
    const found = [...(await seller.purchases())].sort((a, b) => Number(a['amount']) - Number(b['amount']));
    expect(found).toMatchObject([
      { amount: 645, productId: seller.bass, purchasedAt: '2017-03-22T19:28:08.000Z', ...common },
      { amount: 1290, productId: seller.drums, ...common },
    ]);
    await seller.woocommerce(order({ status: 'completed', refunds: [{ id: 726, refund: '', total: '-10.00' }] }));
    await seller.apply();
    expect(await statuses()).toEqual(['paid', 'paid']);
    await seller.woocommerce(order({ status: 'refunded' }));
    await seller.woocommerce(order({ status: 'completed', date_modified: 'later' }));
    await seller.apply();
    expect(await statuses()).toEqual(['refunded', 'refunded']);
  });

  it.each(['cancelled', 'refunded'])(
    'an order that is %s ends refunded, also where it was reported before',
    async (status) => {
      await seller.map('woocommerce', '23');
      await seller.woocommerce(order({ status }));
      await seller.woocommerce(order());
      await seller.apply();
      expect(await statuses()).toEqual(['refunded']);
    },
  );

  it('an order that was cancelled for want of payment may yet be paid', async () => {
    await seller.map('woocommerce', '23');
    await seller.woocommerce(order({ status: 'cancelled', ...UNPAID }));
    await seller.apply();
    await seller.woocommerce(order());
    await seller.apply();
    expect(await statuses()).toEqual(['paid']);
  });

  it('an order that was completed by hand, and cancelled, is refunded', async () => {
    await seller.map('woocommerce', '23');
    await seller.woocommerce(order({ status: 'completed', ...UNPAID }));
    await seller.woocommerce(order({ status: 'cancelled', ...UNPAID, date_completed_gmt: '2017-03-22T19:30:00' }));
    await seller.apply();
    expect(await statuses()).toEqual(['refunded']);
  });

  it('two orders of one second have one delivery id, and are two', async () => {
    await seller.map('woocommerce', '23');
    for (const body of [order({ id: 1 }), order({ id: 2 }), order({ id: 2 })]) await seller.woocommerce(body, 'same');
    await seller.apply();
    expect([(await seller.purchases()).length, (await seller.deliveries()).length]).toEqual([2, 2]);
  });

  it('lines of one product that nobody mapped are kept apart', async () => {
    const line_items = [
      { id: 1, product_id: 9, quantity: 1, total: '5.00', total_tax: '0.00' },
      { id: 2, product_id: 9, quantity: 1, total: '7.00', total_tax: '0.00' },
    ];
    await seller.woocommerce(order({ line_items }));
    await seller.apply();
    expect(await seller.unmapped()).toHaveLength(2);
    await seller.map('woocommerce', '9');
    await seller.apply();
    expect([await seller.unmapped(), (await seller.purchases()).length]).toEqual([[], 1]);
  });

  it('other things are accepted and ignored', async () => {
    await seller.woocommerce(JSON.stringify({ id: 727 }), 'a', 'order.deleted');
    await seller.woocommerce(JSON.stringify({ id: 3, status: 'completed' }), 'b', 'product.updated');
    await seller.woocommerce(
      JSON.stringify({ action: 'woocommerce_add_to_cart' }),
      'c',
      'action.woocommerce_add_to_cart',
    );
    await seller.apply();
    expect((await seller.deliveries()).map(({ status }) => status)).toEqual(['ignored', 'ignored', 'ignored']);
  });
});

describe('what a line of a WooCommerce order cost', () => {
  it.each<[string, object, object, number | null]>([
    ['the total and its tax', {}, {}, 645],
    ['in yen', { currency: 'JPY' }, { total: '600', total_tax: '60' }, 660],
    ['with more digits than the currency has', {}, { total: '5.995', total_tax: '0.454' }, 645],
    ['without tax', {}, { total_tax: '' }, 600],
    ['in a currency that is none', { currency: 'PRB' }, {}, null],
  ])('%s', (_name, more, item, amount) => {
    const body = fixture('woocommerce_order', (o) => (Object.assign(o, more), Object.assign(o.line_items[0], item)));
    const read = changeOf(parseExact(body), 'order.updated');
    expect(read).toMatchObject({ kind: 'sale', lines: [{ amount, quantity: 2, externalIds: ['93', '315'] }, {}] });
  });

  it('names a variation, then its stock-keeping unit, then its product', () => {
    const read = changeOf(parseExact(order()), 'order.updated');
    expect(read).toMatchObject({ lines: [{}, { key: '316', externalIds: ['23', 'Bar3', '22', '316'] }] });
  });
});
