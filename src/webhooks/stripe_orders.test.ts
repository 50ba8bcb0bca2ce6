import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sentMail } from '../testing/mail.ts';
import { fixture, openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let seller: Seller;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
  await seller.set('stripe');
});

/** What Stripe says of one sale; the payment intent and the charge name neither product nor, the intent, an address. */
const EVENTS = ['session', 'payment_intent', 'charge', 'invoice', 'invoice_payment', 'refund'] as const;
type Event = (typeof EVENTS)[number];

const buyer = (n: number) => `buyer${n}.${seller.own.orgId}@example.com`;

const PAYMENT = /3MtwBwLkdIwHu7ix28a3tqPa|3MmlLrLkdIwHu7ix0snN0B15/g;

type Edit = (object: Record<string, unknown>, event: { id: string }) => unknown;

/** The n-th sale's; the session knows its invoice, as where one is made after the payment. */
function eventOf(name: Event, n: number, change: Edit = () => undefined): string {
  const text = fixture(`stripe_${name}`, (event) => {
    event.id = `evt_${name}_${n}`;
    const { object } = event.data;
    if (name === 'session') object.invoice = 'in_1MtHbELkdIwHu7ixl4OzzPMv';
    change(object, event);
  });
  return text
    .replace(PAYMENT, (id) => `${id}${n}`)
    .replaceAll('in_1MtHbELkdIwHu7ix', `in_${1000 + n}MtHbELkdIwHu7ix`)
    .replaceAll('cs_test_a11YYufW', `cs_test_a${1000 + n}YYufW`)
    .replaceAll('buyer@example.com', buyer(n))
    .replaceAll('epic-drums-v1', seller.drums)
    .replaceAll('webhook-company', seller.own.orgId);
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((others) => [item, ...others]));
}

/** Sends the events of many sales, a sale in each of the orders, all that come first before all that come second. */
async function sendAll(orders: readonly (readonly Event[])[], change?: Edit): Promise<void> {
  for (const [i] of orders[0]?.entries() ?? []) {
    const events = orders.map((order, n) => eventOf(order[i] ?? 'session', n, change));
    const answers = await Promise.all(events.map((event) => seller.stripe(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await seller.apply();
  }
}

const statuses = async () => new Set((await seller.purchases()).map(({ status }) => status));

describe('the events of one payment at Stripe', () => {
  it('make one purchase and one mail, in whichever order they arrive', async () => {
    const orders = permutations(EVENTS.slice(0, 4)).map((order, n): Event[] =>
      n % 2 ? ['invoice_payment', ...order] : [...order, 'invoice_payment'],
    );
    await sendAll(orders);
    const found = await seller.purchases();
    expect([found.length, await statuses()]).toEqual([24, new Set(['paid'])]);
    expect(found.every(({ amount, currency }) => amount === 2198 && currency === 'USD')).toBe(true);
    expect(await seller.unmapped()).toEqual([]);
    const mails = (await sentMail(server)).map(({ to }) => to).filter((to) => to.includes(seller.own.orgId));
    expect([mails.length, new Set(mails).size]).toEqual([24, 24]);
  }, 60_000);

  it('end refunded, in whichever order they arrive, and replays undo nothing', async () => {
    const orders = permutations(['session', 'charge', 'invoice', 'refund'] as const);
    await sendAll(orders);
    expect([(await seller.purchases()).length, await statuses()]).toEqual([24, new Set(['refunded'])]);
    await sendAll([['session', 'invoice']], (_object, event) => (event.id += '_again'));
    expect([(await seller.purchases()).length, await statuses()]).toEqual([24, new Set(['refunded'])]);
  }, 60_000);

  it('belong together where the payment intent names the invoice, cut to 25 characters', async () => {
    const alone = (object: Record<string, unknown>) => {
      if (object['object'] !== 'payment_intent') return;
      const metadata = { continuata_product_id: 'epic-drums-v1' };
      const payment_details = { order_reference: 'in_1MtHbELkdIwHu7ixl4OzzPMv'.slice(0, 22) };
      Object.assign(object, { metadata, payment_details, receipt_email: 'buyer@example.com' });
    };
    await sendAll(permutations(['payment_intent', 'invoice'] as const), alone);
    expect((await seller.purchases()).length).toBe(2);
    expect((await seller.mailsTo(buyer(0))).length).toBe(1);
  });

  it('are joined by what says last that they belong together', async () => {
    const alone = (object: Record<string, unknown>) => {
      const metadata = { continuata_product_id: 'epic-drums-v1' };
      if (object['object'] === 'payment_intent')
        Object.assign(object, { metadata, payment_details: null, receipt_email: 'buyer@example.com' });
    };
    await sendAll(permutations(['payment_intent', 'invoice', 'invoice_payment'] as const), alone);
    expect([(await seller.purchases()).length, await statuses()]).toEqual([6, new Set(['paid'])]);
  });
});
