import openapi from '../../generated/openapi.json' with { type: 'json' };
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { parseExact } from './payload.ts';
import { changeOf, EVENTS } from './stripe.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let sales = 0;
/** A sale with names of its own. */
function sale(more: object = {}, metadata: object = { continuata_product_id: seller.drums }) {
  const n = ++sales;
  const event = JSON.parse(fixture('stripe_session'));
  Object.assign(event.data.object, { id: `cs_${n}`, payment_intent: `pi_${n}`, metadata }, more);
  event.data.object.customer_details.email = `buyer${n}@example.com`;
  return { ...event, id: `evt_${n}` };
}
type Sale = ReturnType<typeof sale>;
const buyerOf = ({ data }: Sale): string => data.object.customer_details.email;
const refundOf = ({ id, data }: Sale) => ({
  id: `${id}_r`,
  type: 'charge.refunded',
  data: { object: { id: `ch_${id}`, payment_intent: data.object.payment_intent, refunded: true } },
});

describe('a Stripe event', () => {
  beforeEach(async () => {
    seller = await openSeller(server);
    await seller.set('stripe');
  });

  it('sent 50 times at once is one purchase and one mail', async () => {
    const event = sale();
    const answers = await Promise.all(Array.from({ length: 50 }, () => seller.stripe(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await seller.apply(4);
    const common = { source: 'stripe', amount: 2198, currency: 'USD', productId: seller.drums };
    expect(await seller.purchases()).toMatchObject([{ ...common, orderId: event.data.object.payment_intent }]);
    expect(await seller.deliveries()).toMatchObject([{ status: 'applied', eventId: event.id }]);
    expect(await seller.mailsTo(buyerOf(event))).toHaveLength(1);
  });

  it('refunds what it names, before or after the sale, and a replay undoes nothing', async () => {
    const [early, late] = [sale(), sale()];
    await seller.stripe(refundOf(early));
    await seller.apply();
    await seller.stripe(early);
    await seller.stripe(late);
    await seller.apply();
    expect(await seller.mailsTo(buyerOf(early))).toEqual([]);
    await seller.stripe(refundOf(late));
    await seller.stripe({ ...late, id: `${late.id}_again` });
    await seller.apply();
    expect((await seller.purchases()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('that refunds a part, or means nothing here, changes nothing', async () => {
    const event = sale();
    const { payment_intent } = event.data.object;
    await seller.stripe(event);
    await seller.stripe({
      id: 'evt_part',
      type: 'charge.refunded',
      data: { object: { payment_intent, refunded: false } },
    });
    await seller.stripe({ id: 'evt_won', type: 'charge.dispute.closed', data: { object: { payment_intent, status: 'won' } } }); // prettier-ignore
    await seller.stripe({ id: 'evt_odd', type: 'customer.created', data: {} });
    await seller.apply();
    expect(await seller.purchases()).toMatchObject([{ status: 'paid' }]);
    const states = (await seller.deliveries()).map(({ status }) => status);
    expect(states).toEqual(['ignored', 'ignored', 'ignored', 'applied']);
  });

  it('of a dispute that is lost refunds', async () => {
    const event = sale();
    const { payment_intent } = event.data.object;
    await seller.stripe(event);
    await seller.stripe({ id: 'evt_lost', type: 'charge.dispute.closed', data: { object: { payment_intent, status: 'lost' } } }); // prettier-ignore
    await seller.apply();
    expect(await seller.purchases()).toMatchObject([{ status: 'refunded' }]);
  });

  it('of a session that is paid later is a purchase when it is paid', async () => {
    const event = sale({ payment_status: 'unpaid' });
    await seller.stripe(event);
    await seller.apply();
    expect([await seller.purchases(), (await seller.deliveries())[0]?.['status']]).toEqual([[], 'ignored']);
    event.data.object.payment_status = 'paid';
    await seller.stripe({ ...event, id: `${event.id}_later`, type: 'checkout.session.async_payment_succeeded' });
    await seller.apply();
    expect(await seller.purchases()).toHaveLength(1);
  });

  it('of a session that cost nothing is a purchase', async () => {
    await seller.stripe(sale({ payment_status: 'no_payment_required', payment_intent: null, amount_total: 0 }));
    await seller.apply();
    expect(await seller.purchases()).toMatchObject([{ amount: 0, orderId: `cs_${sales}`, status: 'paid' }]);
  });

  it('without a product is kept, and replayed on demand once there is one', async () => {
    await seller.stripe(sale({}, { continuata_product_id: 'not-yet' }));
    await seller.apply();
    expect(await seller.deliveries()).toMatchObject([{ status: 'unmapped' }]);
    const [line] = await seller.unmapped();
    expect(line).toMatchObject({ reason: 'no_mapping', externalIds: ['not-yet'], amount: 2198, currency: 'USD' });
    const path = `/api/webhooks/unmapped/${String(line?.['id'])}/replay`;
    const as = seller.own.apiKey;
    expect((await server.client.post(path, { as })).json.status).toBe('unmapped');
    await server.client.post('/api/products', { as, json: { slug: 'not-yet', name: 'N' } });
    await server.publishSmall(seller.own, { product: 'not-yet' });
    const replayed = await server.client.post(path, { as });
    expect([replayed.json.status, replayed.json.purchaseIds.length]).toEqual(['applied', 1]);
    expect([await seller.unmapped(), (await seller.deliveries())[0]?.['status']]).toEqual([[], 'applied']);
    expect((await server.client.post(path, { as })).status).toBe(404);
  });

  it('waits for the address where it has none', async () => {
    const n = ++sales;
    const metadata = { continuata_product_id: seller.drums };
    const object = { id: `pi_n${n}`, amount_received: 5, currency: 'usd', metadata };
    await seller.stripe({ id: `evt_n${n}`, type: 'payment_intent.succeeded', data: { object } });
    await seller.apply();
    expect(await seller.unmapped()).toMatchObject([{ reason: 'no_email' }]);
    await seller.stripe(sale({ payment_intent: `pi_n${n}` }));
    await seller.apply();
    expect([await seller.unmapped(), (await seller.purchases()).length]).toEqual([[], 1]);
    expect((await seller.deliveries()).map(({ status }) => status)).toEqual(['applied', 'applied']);
  });

  it('survives a death between storing and applying', async () => {
    await seller.stripe(sale());
    expect([await seller.purchases(), (await seller.deliveries())[0]?.['status']]).toEqual([[], 'received']);
    await seller.apply();
    expect(await seller.purchases()).toHaveLength(1);
  });

  it.each([
    ['jpy', 1000, 'JPY', 1000],
    ['kwd', 12_340, 'KWD', 12_340],
    ['isk', 500_000, 'ISK', 5000],
    ['mga', 500, 'MGA', 50_000],
    ['zzq', 500, undefined, undefined],
  ])('counts in the minor unit of %s', async (currency, amount_total, code, amount) => {
    await seller.stripe(sale({ currency, amount_total }));
    await seller.apply();
    const [purchase] = await seller.purchases();
    expect([purchase?.['currency'], purchase?.['amount']]).toEqual([code, amount]);
    const [delivery] = await seller.deliveries();
    expect([delivery?.['status'], delivery?.['error'] === undefined]).toEqual(['applied', code !== undefined]);
  });
});

it.each(['receiveStripeWebhook', 'receiveOrganisationStripeWebhook'])('%s names each event that is read', (id) => {
  const found = Object.values(openapi.paths).find((path) => 'post' in path && path.post.operationId === id);
  for (const event of EVENTS) expect(JSON.stringify(found)).toMatch(new RegExp(`[ ]${event}[,.;]`));
});

describe('what Stripe says', () => {
  type Change = Parameters<typeof fixture>[1];
  const read = (name: string, change?: Change) => {
    const event = parseExact(fixture(`stripe_${name}`, change)) as { type: string };
    return changeOf(event);
  };
  const first = (change: Change) => {
    const found = read('invoice', change);
    return found?.kind === 'sale' ? found.lines[0] : undefined;
  };

  it('of an invoice since 2025: the product in the metadata of its subscription, the price for what is mapped', () => {
    const found = first((event) => {
      event.data.object.lines.data[0].metadata = {};
      event.data.object.parent = { subscription_details: { metadata: { continuata_product_id: 'bass' } } };
    });
    const externalIds = ['bass', 'price_1RopD608MTe1bJmc7qFodK65', 'prod_SkJq7HMHs5DdRM'];
    expect(found).toMatchObject({ productId: 'bass', externalIds, amount: 2198, quantity: 1 });
  });

  it('of an invoice before 2025: its payment, its charge and its price', () => {
    const found = read('invoice', ({ data }) => {
      const [line] = data.object.lines.data;
      Object.assign(data.object, { payment_intent: 'pi_1', charge: 'ch_1', subscription_details: { metadata: {} } });
      Object.assign(line, { metadata: {}, pricing: undefined, price: { id: 'price_1', product: 'prod_1' } });
    });
    expect(found).toMatchObject({
      references: ['pi_1', 'in_1MtHbELkdIwHu7ixl4OzzP', 'ch_1'],
      lines: [{ externalIds: ['price_1', 'prod_1'] }],
    });
  });

  it.each<[string, object, number]>([
    ['with a discount', { discount_amounts: [{ amount: 198, discount: 'di_1' }] }, 2000],
    ['with a tax on top', { taxes: [{ amount: 418, tax_behavior: 'exclusive' }] }, 2616],
    ['with a tax within', { taxes: [{ amount: 351, tax_behavior: 'inclusive' }] }, 2198],
    ['with a tax as before 2025', { taxes: undefined, tax_amounts: [{ amount: 418, inclusive: false }] }, 2616],
    ['that is free', { amount: 0 }, 0],
    ['that was given for more than it cost', { amount: 100, discount_amounts: [{ amount: 198 }] }, 0],
  ])('of a line of an invoice %s: what was paid', (_name, more, amount) => {
    expect(first(({ data }) => Object.assign(data.object.lines.data[0], more))).toMatchObject({ amount });
  });

  it('of a line that is a credit: nothing', () => {
    const found = read('invoice', ({ data }) => (data.object.lines.data[0].amount = -2198));
    expect(found).toMatchObject({ kind: 'sale', lines: [] });
  });

  it('of a charge: nothing before it is captured', () => {
    expect(read('charge', ({ data }) => (data.object.captured = false))).toBeUndefined();
    const captured = read('charge', (event) => (event.type = 'charge.captured'));
    expect(captured).toMatchObject({ email: 'buyer@example.com', name: 'Jenny Rosen', lines: [{ amount: 2198 }] });
  });

  it.each<[string, string, object, string]>([
    ['session', 'customer_email', { customer_details: null, customer_email: 'A@Example.com' }, 'a@example.com'],
    ['payment_intent', 'receipt_email', { receipt_email: 'b@example.com' }, 'b@example.com'],
    ['payment_intent', 'its own metadata', { metadata: { customer_email: 'c@example.com' } }, 'c@example.com'],
    ['payment_intent', 'its charges', { charges: { data: [{ billing_details: { email: 'd@example.com' } }] } }, 'd@example.com'], // prettier-ignore
    ['payment_intent', 'its latest charge', { latest_charge: { id: 'ch_2', billing_details: { email: 'e@example.com' } } }, 'e@example.com'], // prettier-ignore
    ['charge', 'receipt_email', { receipt_email: 'f@example.com' }, 'f@example.com'],
  ])('of the buyer in a %s: %s', (name, _where, more, email) => {
    expect(read(name, ({ data }) => Object.assign(data.object, more))).toMatchObject({ email });
  });
});
