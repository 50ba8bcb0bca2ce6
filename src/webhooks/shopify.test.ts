import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, type Seller, statesOf } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { changeOf } from './shopify.ts';
import { parseExact } from './payload.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
const open = async () => {
  seller = await openSeller(server);
  await seller.set('shopify');
};

const order = (change?: Parameters<typeof fixture>[1]) => fixture('shopify_order', change);
const refund = (change?: Parameters<typeof fixture>[1]) => fixture('shopify_refund', change);
/** The order with this address, so that its mails are told apart. */
const orderOf = (email: string) => order((o) => (o.email = email));
/** The refund of these lines of the order only. */
const refundOf = (...skus: string[]) =>
  refund((r) => {
    const lines = r.refund_line_items as { line_item: { sku: string } }[];
    r.refund_line_items = lines.filter(({ line_item }) => skus.includes(line_item.sku));
  });

const GLASSES = 'SKU2006-001';
const LOUNGER = 'SKU2006-020';

describe('a Shopify order', () => {
  beforeEach(open);

  it('is a purchase for each product, once, by the most exact name', async () => {
    await seller.map('shopify', '788032119674292922', seller.bass);
    await seller.map('shopify', GLASSES, seller.drums);
    await seller.shopify('orders/create', order(), 'a');
    await seller.shopify('orders/paid', order(), 'b');
    await seller.shopify('orders/paid', order(), 'c');
    await seller.apply(4);
    const common = { orderId: '820982911946154508', customerEmail: 'jon@example.com', source: 'shopify' };
    const found = [...(await seller.purchases())].sort((a, b) => Number(a['amount']) - Number(b['amount']));
    expect(found).toMatchObject([
      { productId: seller.drums, amount: 8999, customerName: 'John Smith', ...common },
      { productId: seller.bass, amount: 15_999 + 11_999, ...common },
    ]);
    expect(await seller.deliveries()).toHaveLength(2);
  });

  it('with a bundle is a purchase each, in one mail', async () => {
    await seller.map('shopify', GLASSES, seller.bass);
    await seller.map('shopify', GLASSES, seller.drums);
    const email = `bundle-${seller.own.orgId}@example.com`;
    await seller.shopify('orders/paid', orderOf(email));
    await seller.apply();
    expect(await seller.purchases()).toHaveLength(2);
    const mails = await seller.mailsTo(email);
    expect([mails.length, mails[0]?.text.match(/download\?token=/g)?.length]).toEqual([1, 2]);
  });

  it('keeps each line that nobody mapped, and records it when somebody does', async () => {
    const email = `later-${seller.own.orgId}@example.com`;
    await seller.shopify('orders/paid', orderOf(email));
    await seller.apply();
    expect([await seller.purchases(), (await seller.unmapped()).length]).toEqual([[], 5]);
    expect((await seller.map('shopify', LOUNGER)).status).toBe(201);
    await seller.apply();
    expect([(await seller.unmapped()).length, (await seller.purchases()).length]).toEqual([4, 1]);
    expect(await seller.mailsTo(email)).toHaveLength(1);
    expect(await seller.deliveries()).toMatchObject([{ status: 'unmapped' }]);
  });

  it.each([
    [0, 0, undefined],
    [3, 1, 26_997],
  ])('with a quantity of %i makes %i purchases', async (quantity, made, amount) => {
    await seller.map('shopify', GLASSES);
    const some = order((o) => Object.assign(o.line_items[0], { quantity, current_quantity: quantity }));
    await seller.shopify('orders/paid', some);
    await seller.apply();
    const found = await seller.purchases();
    expect([found.length, found[0]?.['amount']]).toEqual([made, amount]);
  });

  it.each(['pending', 'authorized', 'partially_paid', 'expired'])('is none while it is %s', async (state) => {
    await seller.map('shopify', GLASSES);
    await seller.shopify(
      'orders/create',
      order((o) => (o.financial_status = state)),
    );
    await seller.apply();
    expect([await seller.purchases(), (await seller.deliveries())[0]?.['status']]).toEqual([[], 'ignored']);
    await seller.shopify('orders/paid', order());
    await seller.apply();
    expect(await statesOf(seller)).toEqual([[seller.drums, 'paid']]);
  });

  it.each([
    ['orders/cancelled', { cancelled_at: '2022-01-01T00:00:00Z', cancel_reason: 'customer' }],
    ['orders/updated', { financial_status: 'refunded' }],
    ['orders/updated', { financial_status: 'voided' }],
  ])('that is over by %s ends refunded, reported before or after', async (topic, state) => {
    await seller.map('shopify', GLASSES);
    const numbered = (id: number, more: object = {}) => order((o) => Object.assign(o, { id }, more));
    await seller.shopify(topic, numbered(1, state));
    await seller.shopify('orders/paid', numbered(1));
    await seller.shopify('orders/paid', numbered(2));
    await seller.apply();
    await seller.shopify(topic, numbered(2, state));
    await seller.shopify('orders/updated', numbered(2));
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });
});

describe('a Shopify refund', () => {
  beforeEach(async () => {
    await open();
    await seller.map('shopify', GLASSES, seller.drums);
    await seller.map('shopify', LOUNGER, seller.bass);
  });

  it('of one line refunds what it stands for, before or after the order, and a replay undoes nothing', async () => {
    await seller.shopify('refunds/create', refundOf(GLASSES));
    await seller.apply();
    await seller.shopify('orders/paid', order());
    await seller.apply();
    const half = [[seller.drums, 'refunded'], [seller.bass, 'paid']].sort(); // prettier-ignore
    expect(await statesOf(seller)).toEqual(half);
    await seller.shopify('refunds/create', refundOf(LOUNGER));
    await seller.shopify('orders/updated', order());
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('of all lines refunds all', async () => {
    await seller.shopify('orders/paid', order());
    await seller.shopify('refunds/create', refund());
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('of a line that was taxed, in a payload that does not say so of the line, refunds it', async () => {
    const tax_lines = [{ title: 'VAT', price: '17.10', rate: 0.19 }];
    await seller.shopify(
      'orders/paid',
      order((o) => (o.line_items[0].tax_lines = tax_lines)),
    );
    await seller.shopify(
      'refunds/create',
      refund((r) => {
        r.refund_line_items.length = 1;
        r.refund_line_items[0].total_tax = 17.1;
      }),
    );
    await seller.apply();
    expect(await statesOf(seller)).toEqual([[seller.drums, 'refunded'], [seller.bass, 'paid']].sort()); // prettier-ignore
  });

  it('of one of two lines of a product leaves it bought', async () => {
    await seller.map('shopify', 'SKU2006-035', seller.drums);
    await seller.shopify('orders/paid', order());
    await seller.shopify('refunds/create', refundOf(GLASSES));
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['paid', 'paid']);
    await seller.shopify('refunds/create', refund());
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('of some pieces, or of money only, changes nothing', async () => {
    const pieces = (r: { refund_line_items: { line_item: { quantity: number } }[] }) =>
      r.refund_line_items.forEach((each) => (each.line_item.quantity = 2));
    await seller.shopify('orders/paid', order((o) => o.line_items.forEach((item: object) => Object.assign(item, { quantity: 2, current_quantity: 2 })))); // prettier-ignore
    await seller.shopify('refunds/create', refund(pieces));
    await seller.shopify(
      'refunds/create',
      refund((r) => (r.refund_line_items = [])),
    );
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['paid', 'paid']);
  });

  it('is also told by an order of which nothing is left on a line', async () => {
    await seller.shopify('orders/paid', order());
    await seller.apply();
    const left = order((o) => {
      o.financial_status = 'partially_refunded';
      o.line_items[0].current_quantity = 0;
    });
    await seller.shopify('orders/updated', left);
    await seller.apply();
    expect(await statesOf(seller)).toEqual([[seller.drums, 'refunded'], [seller.bass, 'paid']].sort()); // prettier-ignore
  });
});

describe('what a line of a Shopify order cost', () => {
  const amountOf = (
    change: (o: { currency: string; taxes_included: boolean; line_items: Record<string, unknown>[] }) => unknown,
  ) => {
    // prettier-ignore
    const read = changeOf(parseExact(order(change)), 'orders/paid');
    return read?.kind === 'sale' ? read.lines[0]?.amount : undefined;
  };
  const taxed = (o: { line_items: Record<string, unknown>[] }) =>
    Object.assign(o.line_items[0] ?? {}, { tax_lines: [{ title: 'VAT', price: '17.10', rate: 0.19 }] });

  it.each<[string, Parameters<typeof amountOf>[0], number | null]>([
    ['price', () => undefined, 8999],
    ['pieces, less what was taken off', (o) => Object.assign(o.line_items[0] ?? {}, { quantity: 2, current_quantity: 2, discount_allocations: [{ amount: '5.00' }, { amount: '0.49' }] }), 17_449], // prettier-ignore
    ['tax on top', taxed, 10_709],
    ['tax within', (o) => (taxed(o), (o.taxes_included = true)), 8999],
    ['yen', (o) => ((o.currency = 'JPY'), Object.assign(o.line_items[0] ?? {}, { price: '900' })), 900],
    ['dinars', (o) => ((o.currency = 'KWD'), Object.assign(o.line_items[0] ?? {}, { price: '9.125' })), 9125],
    ['no currency', (o) => (o.currency = 'ZZZ'), null],
  ])('%s', (_name, change, amount) => expect(amountOf(change)).toBe(amount));

  it.each(['email', 'contact_email'] as const)('and whose it is, without %s', (gone) => {
    const other = gone === 'email' ? { email: null } : { email: null, contact_email: '' };
    const read = changeOf(parseExact(order((o) => Object.assign(o, other))), 'orders/paid');
    expect(read).toMatchObject({ email: gone === 'email' ? 'jon@example.com' : 'john@example.com' });
  });
});
