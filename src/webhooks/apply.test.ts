import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { sweep } from '../tasks/sweep.ts';
import { sentMail } from '../testing/mail.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { applyWebhooks, stripeSignature } from '../testing/webhooks.ts';
import type { DeliveryKey } from './queries.ts';
import { storeOf } from './store.ts';
import { createApplier, replayLines } from './tasks.ts';

const SECRET = 'whsec_test_0123456789';

let server: TestServer;
let own: NewAccount;
let drums: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  own = await server.createAccount('admin');
  drums = (await server.publishSmall(own)).product;
  await server.client.put('/api/integrations/stripe', { as: own.apiKey, json: { secret: SECRET } });
});

const stripe = (event: object) => {
  const body = JSON.stringify(event);
  const headers = { 'content-type': 'application/json', 'stripe-signature': stripeSignature(SECRET, body) };
  return server.client.post(`/webhooks/${own.orgId}/stripe`, { body, headers });
};
const get = async (path: string) =>
  (await server.client.get(path, { as: own.apiKey })).json as Record<string, unknown>[];
const statuses = async () => (await get('/api/webhooks/deliveries')).map(({ status }) => status).sort();
const purchases = () => get('/api/purchases');
const mails = async () => (await sentMail(server)).filter(({ to }) => to.endsWith(`@${own.orgId}.example`)).length;

const session = (n: number) => ({
  id: `evt_${n}`,
  type: 'checkout.session.completed',
  data: {
    object: {
      id: `cs_${n}`,
      payment_intent: `pi_${n}`,
      payment_status: 'paid',
      amount_total: 2198,
      currency: 'usd',
      customer_details: { email: `buyer${n}@${own.orgId}.example` },
      metadata: { continuata_product_id: drums },
    },
  },
});

/** Reports that are stored and not applied. */
async function report(...events: object[]): Promise<DeliveryKey[]> {
  for (const event of events) expect((await stripe(event)).status).toBe(200);
  return keys();
}
const sales = (count: number) => report(...Array.from({ length: count }, (_, n) => session(n)));

async function keys(): Promise<DeliveryKey[]> {
  const rows = await ownDeliveries().select('id').orderBy('id').execute();
  return rows.map(({ id }) => ({ deliveryId: id, organisationId: own.orgId }));
}
const ownDeliveries = () => server.deps.db.selectFrom('webhook_deliveries').where('organisation_id', '=', own.orgId);

/** As one batch. */
const applyTogether = (reports: readonly DeliveryKey[]) => Promise.allSettled(createApplier(server.deps)(reports));

describe('a batch of reports', () => {
  it('is not held up by one that fails, which is tried again and seen meanwhile', async () => {
    const reports = await sales(5);
    const bad = reports[2]?.deliveryId ?? '';
    const setBody = (sealed_body: Buffer | null) =>
      server.deps.db.updateTable('webhook_deliveries').set({ sealed_body }).where('id', '=', bad).execute();
    const { sealed_body } = await ownDeliveries().select('sealed_body').where('id', '=', bad).executeTakeFirstOrThrow();
    await setBody(Buffer.alloc(100));
    const results = await applyTogether(reports);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, true, false, true, true]);
    expect(await statuses()).toEqual(['applied', 'applied', 'applied', 'applied', 'failed']);
    const failed = (await get('/api/webhooks/deliveries?status=failed'))[0];
    expect([failed?.['id'], typeof failed?.['error']]).toEqual([bad, 'string']);
    expect([(await purchases()).length, await mails()]).toEqual([4, 4]);
    expect(await applyWebhooks(server, 4)).toHaveLength(1);
    await setBody(sealed_body);
    await sql`update graphile_worker._private_jobs set run_at = now() where last_error is not null`.execute(
      server.deps.db,
    );
    expect(await applyWebhooks(server, 4)).toEqual([]);
    expect([(await purchases()).length, await mails(), new Set(await statuses())]).toEqual([
      5,
      5,
      new Set(['applied']),
    ]);
  });

  it('that two workers apply at once is applied once', async () => {
    const reports = await sales(12);
    const [one, other] = [createApplier(server.deps), createApplier(server.deps)];
    await Promise.all([...one(reports), ...other([...reports].reverse())]);
    expect([(await purchases()).length, await mails()]).toEqual([12, 12]);
  });

  it('is wholly undone by a death while it is applied, and blames none', async () => {
    const reports = await sales(3);
    await server.deps.db.connection().execute(async (held) => {
      const key = sql`hashtextextended(${`${own.orgId} stripe pi_1`}, 0)`;
      await sql`select pg_advisory_lock(${key})`.execute(held);
      const applied = applyTogether(reports);
      await untilSomebodyWaits(server.deps.db);
      await sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(server.deps.db);
      expect((await applied).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      await sql`select pg_advisory_unlock(${key})`.execute(held);
    });
    expect([await statuses(), await purchases()]).toEqual([['received', 'received', 'received'], []]);
    expect(await applyWebhooks(server)).toEqual([]);
    expect([(await purchases()).length, await mails()]).toEqual([3, 3]);
  });

  it('is not applied again by a queue that was not told', async () => {
    await applyTogether(await sales(3));
    expect(await applyWebhooks(server, 4)).toEqual([]);
    expect([(await purchases()).length, await mails()]).toEqual([3, 3]);
  });

  it('that has several reports of one payment makes one purchase of them', async () => {
    const { payment_intent, metadata, customer_details } = session(7).data.object;
    const invoice = { id: 'in_7', customer_email: customer_details.email, currency: 'usd' };
    const lines = { data: [{ amount: 2198, currency: 'usd', quantity: 1, metadata }] };
    const reports = await report(
      session(7),
      session(8),
      { id: 'evt_i', type: 'invoice.paid', data: { object: { ...invoice, lines } } },
      { ...session(7), id: 'evt_again' },
      {
        id: 'evt_r',
        type: 'invoice_payment.paid',
        data: { object: { invoice: 'in_7', payment: { payment_intent } } },
      },
      {
        id: 'evt_x',
        type: 'charge.refunded',
        data: { object: { id: 'ch_8', payment_intent: 'pi_8', refunded: true } },
      },
    );
    await applyTogether(reports);
    expect(new Set(await statuses())).toEqual(new Set(['applied']));
    const made = (await purchases()).map(({ orderId, status }) => `${orderId} ${status}`).sort();
    expect(made).toEqual(['in_7 paid', 'pi_8 refunded']);
  });
});

it('a line that is kept while its item is being mapped is not forgotten', async () => {
  const { id, type, data } = session(9);
  const metadata = { continuata_product_id: 'elsewhere' };
  const reports = await report({ id, type, data: { object: { ...data.object, metadata } } });
  const { db } = server.deps;
  await db.connection().execute(async (held) => {
    await sql`begin`.execute(held);
    // It has looked for the mapping when it comes to write the line.
    await sql`lock table order_lines in share mode`.execute(held);
    const applied = applyTogether(reports);
    await untilSomebodyWaits(db);
    const json = { vendor: 'stripe', externalId: 'elsewhere' };
    await server.client.post(`/api/products/${drums}/external-mappings`, { as: own.apiKey, json });
    const replayed = replayLines(server.deps, { ...json, organisationId: own.orgId });
    await Promise.race([replayed, untilSomebodyWaits(db, 2)]);
    await sql`commit`.execute(held);
    await Promise.all([applied, replayed]);
  });
  expect([await get('/api/webhooks/unmapped'), (await purchases()).length]).toEqual([[], 1]);
});

it('posts that come together are stored together', async () => {
  const vendor = 'stripe' as const;
  const [bodySha256, sealedBody] = [Buffer.alloc(32), Buffer.from('sealed')];
  const common = { organisationId: own.orgId, vendor, type: 'odd', bodySha256, sealedBody };
  const store = storeOf(server.deps.hot);
  const events = Array.from({ length: 40 }, (_, n) => `evt_${n % 20}`);
  await Promise.all(events.map((eventId) => store([{ ...common, eventId, id: server.deps.ids.next() }])));
  const { rows } = await sql<{ n: number }>`select json_array_length(payload) as n from graphile_worker._private_jobs
    where payload->0->>'organisationId' = ${own.orgId}`.execute(server.deps.db);
  expect([(await keys()).length, rows]).toEqual([20, [{ n: 20 }]]);
  await sql`delete from graphile_worker._private_jobs where payload->0->>'organisationId' = ${own.orgId}`.execute(
    server.deps.db,
  );
});

it('what was said is forgotten 90 days after it was applied, but not that it was', async () => {
  const reports = await sales(3);
  await applyTogether(reports.slice(0, 2));
  const [old, young, waiting] = reports.map(({ deliveryId }) => deliveryId);
  const age = (id = '', days = 0) =>
    sql`update webhook_deliveries set applied_at = now() - make_interval(days => ${days}) where id = ${id}`.execute(
      server.deps.db,
    );
  await age(old, 91);
  await age(young, 89);
  await age(waiting, 91);
  await sweep(server.deps);
  const kept = await ownDeliveries().select('id').where('sealed_body', 'is not', null).orderBy('id').execute();
  expect(kept.map(({ id }) => id)).toEqual([young, waiting]);
  expect((await stripe(session(0))).status).toBe(200);
  expect(await applyWebhooks(server)).toEqual([]);
  expect([(await keys()).length, (await purchases()).length]).toEqual([3, 3]);
});
