import { Logger, runOnce } from 'graphile-worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { mailTasks } from '../tasks/worker.ts';
import { sweep } from '../tasks/sweep.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { startSmtp, type TestSmtp } from '../testing/smtp.ts';

const HOUR = 60 * 60;

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
  smtp.answers.length = 0;
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
    await sql<{ attempts: number; pause: number; payload: object }>`
      select attempts, extract(epoch from run_at - now())::float as pause, payload from graphile_worker._private_jobs
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

  it('outlives an outage of an hour, and is tried for more than two days', async () => {
    await buy();
    const seconds = [0];
    for (let times = 0; times < 100; times += 1) {
      smtp.answers.push({ at: 'data', code: 451 });
      await work();
      const [job] = await jobs();
      if (!job) break;
      // What the queue itself says it waits for.
      seconds.push((seconds.at(-1) ?? 0) + job.pause);
    }
    // Whenever in an outage of an hour it was queued: the try after it is less than another hour away.
    const pauses = seconds.slice(1).map((at, i) => ({ from: seconds[i] ?? 0, pause: at - (seconds[i] ?? 0) }));
    expect(pauses.length).toBeGreaterThan(8);
    for (const { from, pause } of pauses) if (from < HOUR) expect(pause).toBeLessThan(HOUR);
    expect(seconds.at(-1)).toBeGreaterThan(48 * HOUR);
    expect(smtp.received).toEqual([]);
  });

  it('is tried at once, and once, where an admin says so while it pauses', async () => {
    const bought = await buy();
    smtp.answers.push({ at: 'rcpt', code: 450 });
    expect(await work()).toBe(1);
    const [mail] = await mailTo(bought.customerEmail);
    const answers = await Promise.all(Array.from({ length: 5 }, () => retry(mail.id)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect([await jobs(), await eventsOf('mail.retried', mail.id)]).toMatchObject([[{ attempts: 1 }], [{}]]);
    expect((await jobs())[0]?.pause).toBeLessThanOrEqual(0);
    expect([await work(), smtp.received.length, await purchase(bought.id)]).toEqual([0, 1, 'sent']);
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

  it('that is given up leaves its reader out of the log', async () => {
    const warned: unknown[] = [];
    const warn = vi.spyOn(server.deps.log, 'warn').mockImplementation((...said) => void warned.push(said));
    const bought = await buy();
    smtp.answers.push({ at: 'rcpt', code: 550 });
    await work();
    warn.mockRestore();
    const [mail] = await mailTo(bought.customerEmail);
    expect(warned).toEqual([[{ mail: mail.id, code: 'EENVELOPE', responseCode: 550 }, 'a mail was given up']]);
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
    await sql`update mails set updated_at = now() - interval '6 days' where state = 'waiting'`.execute(server.deps.db);
    await sweep(server.deps);
    expect(await purchase(bought.id)).toBe('waiting');
    // As one whose last try was cut off by the death of its process.
    await sql`update graphile_worker._private_jobs set attempts = max_attempts`.execute(server.deps.db);
    await sweep(server.deps);
    const [mail] = await mailTo(bought.customerEmail);
    expect([mail.status, await purchase(bought.id), await jobs()]).toEqual(['failed', 'failed', []]);
    expect(await eventsOf('mail.failed', mail.id)).toHaveLength(1);
    await sql`update mails set updated_at = now() - interval '31 days'`.execute(server.deps.db);
    await sweep(server.deps);
    expect(await mailTo(bought.customerEmail)).toEqual([]);
  });

  it('that the sweeper gave up goes out once when an admin says', async () => {
    const bought = await buy();
    await sql`update graphile_worker._private_jobs set attempts = max_attempts`.execute(server.deps.db);
    await sweep(server.deps);
    const [mail] = await mailTo(bought.customerEmail);
    expect((await retry(mail.id)).json.status).toBe('waiting');
    expect([await work(), smtp.received.length, await jobs()]).toEqual([0, 1, []]);
  });

  it('of a purchase that was refunded is not sent, and says why', async () => {
    const bought = await buy();
    await server.client.post(`/api/purchases/${bought.id}/refund`, { as: pair.own.apiKey });
    expect([await work(), smtp.received]).toEqual([0, []]);
    const [mail] = await mailTo(bought.customerEmail);
    expect(mail).toMatchObject({ status: 'skipped', reason: 'refunded' });
    expect([await purchase(bought.id), (await retry(mail.id)).status]).toEqual([undefined, 409]);
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

it('of a product whose name breaks lines gets no header out of it', async () => {
  const { product, versionId } = await server.publishSmall(pair.own);
  const as = pair.own.apiKey;
  const name = 'Drums\r\nBcc: eve@example.com\r\n\r\nBody';
  await server.deps.db.updateTable('products').set({ name }).where('id', '=', product).execute();
  const json = { productId: product, customerEmail: 'reader@example.com', sendEmail: true };
  await server.client.post('/api/purchases', { as, json });
  await server.client.post(`/api/products/${product}/versions/${versionId}/announce`, { as });
  expect([await work(), smtp.received.map(({ to }) => to)]).toEqual([
    0,
    [['reader@example.com'], ['reader@example.com']],
  ]);
  for (const { source } of smtp.received) {
    const head = source.slice(0, source.indexOf('\r\n\r\n'));
    expect(head).not.toMatch(/^Bcc:/im);
    expect(head).toMatch(/^Content-Type: multipart\/alternative/m);
  }
  expect(smtp.received[1]?.source).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
});

it('two that mail about one purchase at once both go through', async () => {
  const bought = await buy();
  const again = () => server.client.post(`/api/purchases/${bought.id}/resend_email`, { as: pair.own.apiKey });
  const answers = await Promise.all(Array.from({ length: 10 }, again));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await work();
  expect(smtp.received).toHaveLength(11);
});
