import { Logger, runOnce } from 'graphile-worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mailTasks } from '../tasks/worker.ts';
import { sweep } from '../tasks/sweep.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { startSmtp, type TestSmtp } from '../testing/smtp.ts';

let smtp: TestSmtp;
let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  smtp = await startSmtp();
  server = await startTestServer({
    config: { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, MAIL_FROM: 'Läden <shop@example.com>' },
  });
  pair = await createProductPair(server);
});
afterAll(async () => {
  await server.stop();
  await smtp.stop();
});
beforeEach(() => {
  smtp.received.length = 0;
});

/** Does what is due in the queue; answers how many jobs failed. */
async function work(): Promise<number> {
  let failed = 0;
  await sql`update graphile_worker._private_jobs set run_at = now() - interval '1 second'`.execute(server.deps.db);
  await runOnce({
    connectionString: server.deps.config.databaseUrl ?? '',
    noHandleSignals: true,
    concurrency: 1,
    logger: new Logger(() => (level) => {
      if (level === 'error') failed += 1;
    }),
    taskList: mailTasks(server.deps),
  });
  return failed;
}

let buyers = 0;
const buy = async () => {
  const json = { productId: pair.product, customerEmail: `buyer${++buyers}@example.com`, sendEmail: true };
  return (await server.client.post('/api/purchases', { as: pair.own.apiKey, json })).json;
};
const purchase = async (id: string) =>
  (await server.client.get(`/api/purchases/${id}`, { as: pair.own.apiKey })).json.emailStatus;
const mailTo = async (recipient: string, as = pair.own.apiKey) =>
  (await server.client.get('/api/mails', { as, query: { recipient: recipient.toUpperCase() } })).json;
const retry = (id: string) => server.client.post(`/api/mails/${id}/retry`, { as: pair.own.apiKey });
const jobs = async () =>
  (
    await sql<{ attempts: number; max_attempts: number; payload: object }>`
      select attempts, max_attempts, payload from graphile_worker._private_jobs
      where payload::jsonb ? 'sealed'`.execute(server.deps.db)
  ).rows;
const eventsOf = (type: string, mailId: string) =>
  server.deps.db
    .selectFrom('events')
    .selectAll()
    .where('type', '=', type)
    .where(sql<boolean>`data ->> 'mail_id' = ${mailId}`)
    .execute();

describe('a mail about a purchase', () => {
  it('goes over SMTP, and the purchase says so', async () => {
    const bought = await buy();
    expect(bought.emailStatus).toBe('waiting');
    expect(await mailTo(bought.customerEmail)).toMatchObject([
      { status: 'waiting', attempts: 0, kind: 'purchase', purchaseIds: [bought.id] },
    ]);
    expect(await work()).toBe(0);
    expect(smtp.received).toMatchObject([{ from: 'shop@example.com', to: [bought.customerEmail] }]);
    const [mail, ...others] = await mailTo(bought.customerEmail);
    expect([mail.status, mail.attempts, others]).toEqual(['sent', 1, []]);
    expect([await purchase(bought.id), await jobs()]).toEqual(['sent', []]);
    expect(smtp.received[0]?.source).toContain(`Message-ID: <${mail.id}.continuity@example.com>`);
    const { payload } = await server.deps.db
      .selectFrom('mails')
      .select('payload')
      .where('id', '=', mail.id)
      .executeTakeFirstOrThrow();
    expect(payload).toBeNull();
  });

  it('waits where the server cannot take it, and goes out once when it can', async () => {
    const bought = await buy();
    smtp.answers.push({ at: 'data', code: 451 }, { at: 'rcpt', code: 450 });
    expect([await work(), await work()]).toEqual([1, 1]);
    const [mail] = await mailTo(bought.customerEmail);
    expect(mail).toMatchObject({ status: 'waiting', attempts: 2, error: expect.stringContaining('450') });
    expect(await purchase(bought.id)).toBe('waiting');
    expect(await work()).toBe(0);
    expect(await mailTo(bought.customerEmail)).toMatchObject([{ status: 'sent', attempts: 3 }]);
    expect(smtp.received).toHaveLength(1);
  });

  it('is tried for more than a day', async () => {
    await buy();
    const most = (await jobs())[0]?.max_attempts ?? 0;
    // graphile-worker pauses for e^min(10, attempts) seconds.
    const seconds = Array.from({ length: most - 1 }, (_, i) => Math.exp(Math.min(10, i + 1))).reduce((a, b) => a + b);
    expect(seconds).toBeGreaterThan(24 * 60 * 60);
    await work();
  });

  it('that is refused is given up at once, shown to admins, and tried again when they say', async () => {
    const bought = await buy();
    smtp.answers.push({ at: 'rcpt', code: 550 });
    expect([await work(), await jobs()]).toEqual([0, []]);
    const [mail] = await mailTo(bought.customerEmail);
    expect(mail).toMatchObject({ status: 'failed', attempts: 1, error: expect.stringContaining('550') });
    expect(await purchase(bought.id)).toBe('failed');
    const [failed] = await eventsOf('mail.failed', mail.id);
    expect(failed).toMatchObject({ organisation_id: pair.own.orgId, user_id: null, data: { kind: 'purchase' } });
    expect((await retry(mail.id)).json).toMatchObject({ status: 'waiting', attempts: 0 });
    expect((await retry(mail.id)).json).toMatchObject({ status: 'waiting' });
    expect([await eventsOf('mail.retried', mail.id), await jobs()]).toMatchObject([
      [{ user_id: pair.own.userId }],
      [{ attempts: 0 }],
    ]);
    expect(await work()).toBe(0);
    expect([smtp.received.length, await purchase(bought.id)]).toEqual([1, 'sent']);
    expect((await retry(mail.id)).status).toBe(409);
  });

  it('that was tried for the last time is given up', async () => {
    const bought = await buy();
    await sql`update graphile_worker._private_jobs set max_attempts = 1`.execute(server.deps.db);
    smtp.answers.push({ at: 'data', code: 451 });
    expect([await work(), await jobs()]).toEqual([0, []]);
    expect(await mailTo(bought.customerEmail)).toMatchObject([{ status: 'failed' }]);
  });

  it('whose process died after it was sent does not go out again', async () => {
    await buy();
    const [job] = await jobs();
    await work();
    await sql`select graphile_worker.add_job('mail_purchases', ${JSON.stringify(job?.payload)}::json)`.execute(
      server.deps.db,
    );
    expect([await work(), smtp.received.length, await jobs()]).toEqual([0, 1, []]);
  });

  it('of which the queue knows nothing is given up by the sweeper', async () => {
    const bought = await buy();
    await sql`delete from graphile_worker._private_jobs where payload::jsonb ? 'sealed'`.execute(server.deps.db);
    await sweep(server.deps);
    expect(await purchase(bought.id)).toBe('waiting');
    await sql`update mails set updated_at = now() - interval '6 days' where state = 'waiting'`.execute(server.deps.db);
    await sweep(server.deps);
    const [mail] = await mailTo(bought.customerEmail);
    expect([mail.status, await purchase(bought.id)]).toEqual(['failed', 'failed']);
    expect(await eventsOf('mail.failed', mail.id)).toHaveLength(1);
    await sql`update mails set updated_at = now() - interval '31 days'`.execute(server.deps.db);
    await sweep(server.deps);
    expect(await mailTo(bought.customerEmail)).toEqual([]);
  });

  it('of a purchase that was refunded is forgotten', async () => {
    const bought = await buy();
    await server.client.post(`/api/purchases/${bought.id}/refund`, { as: pair.own.apiKey });
    expect([await work(), smtp.received, await mailTo(bought.customerEmail)]).toEqual([0, [], []]);
  });
});

it('lists by state, page by page, of the own organisation', async () => {
  const [one, two] = [await buy(), await buy()];
  const list = (query: Record<string, string>, as = pair.own.apiKey) => server.client.get('/api/mails', { as, query });
  const waiting = (await list({ status: 'waiting' })).json;
  expect(waiting.map(({ recipient }: { recipient: string }) => recipient)).toEqual([
    two.customerEmail,
    one.customerEmail,
  ]);
  expect((await list({ status: 'waiting', limit: '1' })).headers.link).toContain('rel="next"');
  expect((await list({ status: 'failed' })).json).toEqual([]);
  expect((await list({}, pair.foreign.apiKey)).json).toEqual([]);
  expect((await server.client.get(`/api/mails/${waiting[0].id}`, { as: pair.foreign.apiKey })).status).toBe(404);
  await work();
});

it('two that mail about one purchase at once both go through', async () => {
  const bought = await buy();
  const again = () => server.client.post(`/api/purchases/${bought.id}/resend_email`, { as: pair.own.apiKey });
  const answers = await Promise.all(Array.from({ length: 10 }, again));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await work();
  expect(smtp.received).toHaveLength(11);
});
