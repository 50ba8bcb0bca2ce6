import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweep } from '../tasks/sweep.ts';
import { fixture, openSeller, type Seller } from '../testing/seller.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let seller: Seller;
let body: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  seller = await openSeller(server);
  await seller.set('stripe');
  body = fixture('stripe_session', (event) => {
    event.data.object.metadata = { continuata_product_id: seller.drums };
  });
  await dropJobs();
});

interface Job {
  readonly hours: number;
  readonly max_attempts: number;
}

const dropJobs = () => sql`delete from graphile_worker._private_jobs`.execute(server.deps.db);
/** That apply this seller's reports. */
const jobs = async () => {
  const { rows } = await sql<Job>`
    select round(extract(epoch from run_at - now()) / 3600)::int as hours, max_attempts
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'apply_webhooks' and payload::text like ${`%${seller.own.orgId}%`}`.execute(server.deps.db);
  return rows;
};
const change = (values: object) =>
  server.deps.db
    .updateTable('webhook_deliveries')
    .set(values)
    .where('organisation_id', '=', seller.own.orgId)
    .execute();
const ago = (minutes: number) => ({ received_at: sql`now() - make_interval(mins => ${minutes})` });
const DAY = 24 * 60;

/** A report whose job is lost. */
async function strand(values: object): Promise<string> {
  expect((await seller.stripe(body)).status).toBe(200);
  await dropJobs();
  await change(values);
  const [delivery] = await seller.deliveries();
  return String(delivery?.['id']);
}
const state = async () => [(await seller.deliveries())[0]?.['status'], (await seller.purchases()).length];

describe('a report that no job is left for', () => {
  it.each([
    ['failed', ago(0)],
    ['was not looked at', { ...ago(6), status: 'received' }],
  ])('is applied when it is sent again, where it %s', async (name, values) => {
    await strand(name === 'failed' ? { ...values, status: 'failed' } : values);
    expect((await seller.stripe(body)).status).toBe(200);
    await seller.apply();
    expect(await state()).toEqual(['applied', 1]);
  });

  it('is queued once where it is sent again at once, and not where it was applied', async () => {
    for (const _ of [1, 2]) expect((await seller.stripe(body)).status).toBe(200);
    expect(await jobs()).toHaveLength(1);
    await seller.apply();
    await change(ago(DAY));
    expect((await seller.stripe(body)).status).toBe(200);
    expect(await jobs()).toEqual([]);
  });

  it('of a vendor that signs no id is known by its bytes', async () => {
    await seller.set('shopify');
    const order = fixture('shopify_order');
    await seller.shopify('orders/paid', order, 'first');
    await dropJobs();
    await change({ status: 'failed' });
    await seller.shopify('orders/paid', order, 'second');
    expect([(await jobs()).length, (await seller.deliveries()).length]).toEqual([1, 1]);
  });

  it('is found by the sweep where it was not looked at', async () => {
    await strand(ago(30 * DAY));
    for (const _ of [1, 2]) await sweep(server.deps);
    expect(await jobs()).toEqual([{ hours: 0, max_attempts: 20 }]);
    await seller.apply();
    expect(await state()).toEqual(['applied', 1]);
  });

  it.each([
    ['every day', 7 * DAY - 60, [{ hours: 24, max_attempts: 1 }]],
    ['for a week', 7 * DAY + 60, []],
  ])('is found by the sweep where it failed, %s', async (_name, age, expected) => {
    await strand({ ...ago(age), status: 'failed' });
    for (const _ of [1, 2]) await sweep(server.deps);
    expect(await jobs()).toEqual(expected);
  });

  it('is found by the sweep where its job has given up, and no other', async () => {
    await seller.stripe(body);
    await change(ago(DAY));
    await sweep(server.deps);
    expect(await jobs()).toHaveLength(1);
    await sql`update graphile_worker._private_jobs set attempts = max_attempts`.execute(server.deps.db);
    await sweep(server.deps);
    expect(await jobs()).toHaveLength(2);
  });

  it('is left alone while it is young', async () => {
    await strand(ago(4));
    await sweep(server.deps);
    expect(await jobs()).toEqual([]);
  });
});

describe('replaying a report', () => {
  const replay = (id: string, as = seller.own.apiKey) =>
    server.client.post(`/api/webhooks/deliveries/${id}/replay`, { as });

  it('applies one that failed, and repeats nothing', async () => {
    const id = await strand({ status: 'failed', error: 'a fault' });
    for (const _ of [1, 2]) {
      const { status, json } = await replay(id);
      expect([status, json]).toMatchObject([200, { id, status: 'applied' }]);
      expect(json.error).toBeUndefined();
      expect(await state()).toEqual(['applied', 1]);
    }
  });

  it('says what went wrong again', async () => {
    const id = await strand({ status: 'applied', sealed_body: Buffer.alloc(100) });
    const { status, json } = await replay(id);
    expect([status, json]).toMatchObject([200, { status: 'failed', error: expect.any(String) }]);
  });

  it('is refused where its bytes are gone, it is not there, or another’s', async () => {
    const id = await strand({ status: 'applied', sealed_body: null });
    const forgotten = await replay(id);
    expect([forgotten.status, forgotten.json]).toEqual([409, { error: { deliveryId: ['conflict'] } }]);
    const stranger = await server.createAccount('admin');
    const missing = [await replay(id, stranger.apiKey), await replay('1'), await replay('x')];
    for (const { status, json } of missing)
      expect([status, json]).toEqual([404, { error: { deliveryId: ['not_found'] } }]);
    expect(await state()).toEqual(['applied', 0]);
  });
});
