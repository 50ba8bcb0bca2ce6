import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSeller, type Seller, statesOf } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { replayLine } from './replay.ts';
import { replayLines } from './tasks.ts';

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
  await seller.set('stripe');
});

let events = 0;
const report = async (type: string, object: object) => {
  await seller.stripe({ id: `evt_${seller.own.orgId}_${++events}`, type, data: { object } });
  await seller.apply();
};
const metadata = () => ({ continuata_product_id: seller.drums });
const intent = (more: object = {}) =>
  report('payment_intent.succeeded', { id: 'pi', amount_received: 1000, currency: 'usd', ...more });
const line = (more: object = {}) => ({ amount: 1000, currency: 'usd', metadata: metadata(), ...more });
const invoice = (more: object = {}, ...lines: object[]) =>
  report('invoice.paid', {
    ...{ id: 'in', customer_email: buyer, currency: 'usd', lines: { data: lines.length > 0 ? lines : [line()] } },
    ...more,
  });
const session = (more: object = {}) =>
  report('checkout.session.completed', {
    ...{ id: 'cs', payment_intent: 'pi', payment_status: 'paid', amount_total: 1000, currency: 'usd' },
    ...{ customer_details: { email: buyer, name: 'Ada Buyer' } },
    ...more,
  });
const relation = () =>
  report('invoice_payment.paid', { invoice: 'in', payment: { type: 'payment_intent', payment_intent: 'pi' } });
const deliveryStates = async () => new Set((await seller.deliveries()).map(({ status }) => status));
const eventData = async (type: string) => {
  const rows = await server.deps.db
    .selectFrom('events')
    .select('data')
    .where('organisation_id', '=', seller.own.orgId)
    .where('type', '=', type)
    .execute();
  return rows.map(({ data }) => data);
};

describe('what is known of one payment from several reports', () => {
  const steps = [() => session(), () => intent({ metadata: metadata() })];
  it.each([
    ['session', steps],
    ['payment intent', steps.toReversed()],
  ])('comes together, where the %s comes first', async (_first, reports) => {
    for (const each of reports) await each();
    expect(await seller.purchases()).toMatchObject([
      { productId: seller.drums, customerEmail: buyer, customerName: 'Ada Buyer', amount: 1000, currency: 'USD' },
    ]);
    expect([await seller.unmapped(), await deliveryStates()]).toEqual([[], new Set(['applied'])]);
  });

  it('comes together when the reports turn out to be of one', async () => {
    await intent();
    await invoice();
    expect((await seller.unmapped()).length).toBe(1);
    await relation();
    expect([await statesOf(seller), await seller.unmapped()]).toEqual([[[seller.drums, 'paid']], []]);
    expect(await deliveryStates()).toEqual(new Set(['applied']));
  });

  it('is sold when the one has the address, and the other the product', async () => {
    await intent({ receipt_email: buyer });
    await invoice({ customer_email: null });
    expect([await seller.purchases(), (await seller.unmapped()).length]).toEqual([[], 2]);
    await relation();
    expect(await seller.purchases()).toMatchObject([{ productId: seller.drums, customerEmail: buyer }]);
    expect([await seller.unmapped(), await deliveryStates()]).toEqual([[], new Set(['applied'])]);
    expect((await seller.mailsTo(buyer)).length).toBe(1);
  });
});

describe('two orders that turn out to be one', () => {
  const refundOf = async (orderId: string) => {
    const found = (await seller.purchases()).find((purchase) => purchase['orderId'] === orderId);
    await server.client.post(`/api/purchases/${String(found?.['id'])}/refund`, { as: seller.own.apiKey });
  };
  const answers = async () => {
    const links = (await seller.mailsTo(buyer)).map(({ text }) => /download\?token=(\S+)/.exec(text)?.[1]);
    const got = links.map((token) => server.client.get(`/download/archive?token=${token ?? ''}`));
    return (await Promise.all(got)).map(({ status }) => status);
  };
  it.each(['in', 'pi'])('are refunded where %s was, with the links of both', async (orderId) => {
    await invoice();
    await intent({ metadata: metadata(), receipt_email: buyer });
    expect(await answers()).toEqual([200, 200]);
    await refundOf(orderId);
    await relation();
    expect([await statesOf(seller), await answers()]).toEqual([[[seller.drums, 'refunded']], [410, 410]]);
  });

  it('tell it, and know what either knew', async () => {
    await invoice({ currency: null }, line({ currency: null }));
    await intent({ metadata: { ...metadata(), customer_name: 'Ada Buyer' }, receipt_email: buyer });
    const [second, first] = await seller.purchases();
    expect([first, second]).toMatchObject([{ orderId: 'in' }, { orderId: 'pi', amount: 1000 }]);
    await relation();
    expect(await seller.purchases()).toMatchObject([
      { id: first?.['id'], amount: 1000, currency: 'USD', customerName: 'Ada Buyer', status: 'paid' },
    ]);
    const ids = { purchase_id: first?.['id'], merged_purchase_id: second?.['id'] };
    expect(await eventData('purchase.merged')).toEqual([{ ...ids, product_id: seller.drums, order_id: 'in' }]);
    // The mail of the second was not out yet.
    expect([await eventData('purchase.refunded'), await answers()]).toEqual([[], [200]]);
  });
});

describe('a replay', () => {
  const wait = async (...orders: string[]) => {
    for (const id of orders) await invoice({ id }, line({ metadata: {}, price: 'price_1' }));
    await seller.map('stripe', 'price_1');
    const lines = await seller.unmapped();
    return orders.map((id) => String(lines.find(({ orderId }) => orderId === id)?.['id']));
  };
  const key = (name: string) => sql`hashtextextended(${`${seller.own.orgId} stripe ${name}`}, 0)`;
  const replay = (lineId = '') => replayLine(server.deps.db, server.deps, seller.own.orgId, lineId);

  it('goes on where another one was quicker', async () => {
    const [, second] = await wait('in', 'in_2', 'in_3');
    await server.deps.db.connection().execute(async (held) => {
      await sql`select pg_advisory_lock(${key('in')})`.execute(held);
      const all = replayLines(server.deps, {
        organisationId: seller.own.orgId,
        vendor: 'stripe',
        externalId: 'price_1',
      });
      await untilSomebodyWaits(server.deps.db);
      expect(await replay(second)).toMatchObject({ status: 'applied' });
      await sql`select pg_advisory_unlock(${key('in')})`.execute(held);
      await all;
    });
    expect([(await seller.purchases()).length, await seller.unmapped()]).toEqual([3, []]);
    await expect(replay(second)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('of a line whose order is joined with another meanwhile waits for that one', async () => {
    const [waiting] = await wait('in');
    await server.deps.db.connection().execute(async (held) => {
      await sql`select pg_advisory_lock(${key('other')})`.execute(held);
      await sql`begin`.execute(held);
      await sql`select pg_advisory_xact_lock(${key('in')})`.execute(held);
      const replayed = replay(waiting);
      await untilSomebodyWaits(server.deps.db);
      await sql`update order_lines set order_id = 'other' where organisation_id = ${seller.own.orgId}`.execute(held);
      await sql`commit`.execute(held);
      await untilSomebodyWaits(server.deps.db);
      expect(await seller.purchases()).toEqual([]);
      await sql`select pg_advisory_unlock(${key('other')})`.execute(held);
      expect(await replayed).toMatchObject({ status: 'applied' });
    });
    expect(await seller.purchases()).toMatchObject([{ orderId: 'other', productId: seller.drums }]);
  });
});
