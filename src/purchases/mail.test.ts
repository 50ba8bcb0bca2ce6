import { Logger, runOnce } from 'graphile-worker';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../deps.ts';
import type { Mail } from '../mail/mail.ts';
import { mailTasks } from '../tasks/worker.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { inTransaction } from '../db/transaction.ts';
import { queuePurchaseMail } from './tasks.ts';

const HOUR = 60 * 60 * 1000;

let server: TestServer;
let pair: ProductPair;
let now = Date.now();
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => new Date(now) }) });
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

let orders = 0;
const create = async (more: object = {}, productId = pair.product) => {
  const json = { productId, customerEmail: `buyer${++orders}@example.com`, ...more };
  return server.client.post('/api/purchases', { as: pair.own.apiKey, json });
};
const resend = (id: string) => server.client.post(`/api/purchases/${id}/resend_email`, { as: pair.own.apiKey });
const tokensOf = (purchaseId: string) =>
  server.deps.db.selectFrom('download_tokens').selectAll().where('purchase_id', '=', purchaseId).execute();
const queued = () =>
  server.deps.db
    .selectFrom('graphile_worker._private_jobs' as never)
    .select(['payload'] as never)
    .where(sql<boolean>`payload::jsonb ? 'sealed'`)
    .execute();

/** Does what is due in the queue, with a mailer that may fail; answers what it sent, and under which names. */
async function work(fails = false): Promise<{ mails: Mail[]; names: string[]; failures: string[] }> {
  const [mails, names, failures]: [Mail[], string[], string[]] = [[], [], []];
  const mailer: Deps['mailer'] = {
    async send(mail, name) {
      mails.push(mail);
      names.push(name);
      if (fails) throw new Error('the mail server is away');
    },
  };
  await runOnce({
    connectionString: server.deps.config.databaseUrl ?? '',
    noHandleSignals: true,
    concurrency: 1,
    logger: new Logger(() => (level, message) => {
      if (level === 'error') failures.push(message);
    }),
    taskList: mailTasks({ ...server.deps, mailer }),
  });
  return { mails, names, failures };
}

/** As though the pause after a failure were over. */
async function retryNow(): Promise<void> {
  await server.deps.db
    .updateTable('graphile_worker._private_jobs' as never)
    .set({ run_at: new Date(Date.now() - 1000) } as never)
    .execute();
}

const linkIn = ({ text }: Mail): string => /https?:\/\/\S+/.exec(text)?.[0] ?? '';
const follow = (link: string) => server.client.get(link.slice(server.url.length));

describe('the mail about a purchase', () => {
  it('brings a link that downloads, for 24 hours from when it went out', async () => {
    const { status, json } = await create({ sendEmail: true, customerName: 'SPAM' });
    expect([status, await tokensOf(json.id)]).toEqual([201, []]);
    now += 3 * HOUR;
    const { mails, failures } = await work();
    const [mail] = mails;
    if (!mail) throw new Error('no mail');
    expect([mails.length, failures, mail.to]).toEqual([1, [], json.customerEmail]);
    expect(mail.subject).toBe(`Your download from ${pair.own.orgId}`);
    for (const part of [mail.text, mail.html]) {
      for (const said of [pair.own.orgId, '1.0.0', linkIn(mail), '24 hours', 'a fresh one', `${server.url}/my`])
        expect(part).toContain(said);
      expect(part).not.toContain('SPAM');
    }
    const link = linkIn(mail);
    expect((await follow(link)).body.subarray(0, 2).toString()).toBe('PK');
    const [token, ...others] = await tokensOf(json.id);
    expect(token).toMatchObject({ customer_email: json.customerEmail, order_id: json.id, created_by: null });
    expect([token?.expires_at.getTime(), others]).toEqual([now + 24 * HOUR, []]);
    const created = await server.deps.db
      .selectFrom('events')
      .selectAll()
      .where('type', '=', 'download_token.created')
      .execute();
    expect(created.filter(({ data }) => (data as { token_id?: string }).token_id === token?.id)).toMatchObject([
      { user_id: null, organisation_id: pair.own.orgId },
    ]);
  });

  it('is not sent unless it is asked for, nor for what was not recorded', async () => {
    await create();
    await create({ sendEmail: false });
    await create({ sendEmail: true, orderId: 'o-once' });
    await create({ sendEmail: true, orderId: 'o-once' });
    await create({ sendEmail: true, amount: 1 });
    expect((await work()).mails).toHaveLength(1);
  });

  it('tried again after a failure brings the same link, under the same name', async () => {
    const { json } = await create({ sendEmail: true });
    const failed = await work(true);
    expect([failed.mails.length, failed.failures.length]).toEqual([1, 1]);
    now += 5 * HOUR;
    await retryNow();
    const sent = await work();
    expect([sent.names, sent.mails]).toEqual([failed.names, failed.mails]);
    const tokens = await tokensOf(json.id);
    expect(tokens.map(({ expires_at }) => expires_at.getTime())).toEqual([now + 24 * HOUR]);
    expect((await follow(linkIn(sent.mails[0] as Mail))).status).toBe(200);
    await retryNow();
    expect((await work()).mails).toEqual([]);
  });

  it('leaves its secret in the database nowhere in the clear', async () => {
    await create({ sendEmail: true, customerEmail: 'hidden@example.com' });
    const payload = JSON.stringify(await queued());
    expect(payload).toContain('sealed');
    const token = linkIn((await work()).mails[0] as Mail).split('token=')[1] ?? '';
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(payload).not.toContain(token);
    expect(JSON.stringify(await server.deps.db.selectFrom('download_tokens').selectAll().execute())).not.toContain(
      token,
    );
  });

  it('is not sent where the purchase was refunded before it went out', async () => {
    const { json } = await create({ sendEmail: true });
    await server.client.post(`/api/purchases/${json.id}/refund`, { as: pair.own.apiKey });
    const { mails, failures } = await work();
    expect([mails, failures, await tokensOf(json.id), await queued()]).toEqual([[], [], [], []]);
  });

  it('brings no link back that was revoked', async () => {
    const { json } = await create({ sendEmail: true });
    const { mails } = await work(true);
    const [token] = await tokensOf(json.id);
    await server.client.delete(`/api/downloads/tokens/${token?.id}`, { as: pair.own.apiKey });
    await retryNow();
    await work();
    expect((await follow(linkIn(mails[0] as Mail))).status).toBe(410);
  });

  it('of several products of an order is one mail, with a link to each that can be had', async () => {
    const second = await server.publishSmall(pair.own);
    const slug = 'not-out-yet';
    await server.client.post('/api/products', { as: pair.own.apiKey, json: { slug, name: slug } });
    const customerEmail = 'bundle@example.com';
    const made = [
      await create({ customerEmail, orderId: 'b-1' }),
      await create({ customerEmail, orderId: 'b-1' }, second.product),
      await create({ customerEmail, orderId: 'b-1' }, slug),
    ];
    const ids = made.map(({ json }) => json.id);
    await inTransaction(server.deps.db, (tx) => queuePurchaseMail(tx, server.deps, pair.own.orgId, ids));
    const { mails } = await work();
    const links = mails[0]?.text.match(/https?:\/\/\S+\/download\S+/g) ?? [];
    expect([mails.length, links.length]).toEqual([1, 2]);
    for (const link of links) expect((await follow(link)).status).toBe(200);
    expect(mails[0]?.text).not.toContain(slug);
  });

  it('waits for a version where there is none by then', async () => {
    const fresh = await server.publishSmall(pair.own);
    const { json } = await create({ sendEmail: true }, fresh.product);
    const path = `/api/products/${fresh.product}`;
    await server.client.post(`${path}/archive`, { as: pair.own.apiKey });
    const early = await work();
    expect([early.mails, early.failures.length]).toEqual([[], 1]);
    await server.client.put(path, { as: pair.own.apiKey, json: { status: 'published' } });
    await retryNow();
    expect((await work()).mails.map(({ to }) => to)).toEqual([json.customerEmail]);
  });
});

describe('asking for it', () => {
  const nothing = async (): Promise<string> => {
    const slug = `none-${++orders}`;
    await server.client.post('/api/products', { as: pair.own.apiKey, json: { slug, name: slug } });
    return slug;
  };

  it('with the purchase is refused where there is no version, and nothing is recorded', async () => {
    const slug = await nothing();
    const { status, json } = await create({ sendEmail: true, orderId: 'o-none' }, slug);
    expect([status, json]).toEqual([409, { error: { sendEmail: ['conflict'] } }]);
    expect((await create({ orderId: 'o-none' }, slug)).status).toBe(201);
    expect((await work()).mails).toEqual([]);
  });

  it('again mails a fresh link, and the one before goes on', async () => {
    const { json } = await create({ sendEmail: true });
    const first = linkIn((await work()).mails[0] as Mail);
    const again = await resend(json.id);
    expect([again.status, again.json]).toEqual([200, json]);
    const second = linkIn((await work()).mails[0] as Mail);
    expect(second).not.toBe(first);
    for (const link of [first, second]) expect((await follow(link)).status).toBe(200);
    const events = await server.deps.db
      .selectFrom('events')
      .selectAll()
      .where('type', '=', 'purchase.email_resent')
      .execute();
    expect(events.filter(({ data }) => (data as { purchase_id?: string }).purchase_id === json.id)).toMatchObject([
      { user_id: pair.own.userId },
    ]);
  });

  it('again under one Idempotency-Key mails once', async () => {
    const { json } = await create();
    const headers = { 'Idempotency-Key': 'once' };
    const send = () => server.client.post(`/api/purchases/${json.id}/resend_email`, { as: pair.own.apiKey, headers });
    expect([(await send()).status, (await send()).status]).toEqual([200, 200]);
    expect((await work()).mails).toHaveLength(1);
  });

  it('is refused for what was refunded, and for what has no version', async () => {
    const refunded = (await create()).json.id;
    await server.client.post(`/api/purchases/${refunded}/refund`, { as: pair.own.apiKey });
    const without = (await create({}, await nothing())).json.id;
    for (const id of [refunded, without]) {
      const { status, json } = await resend(id);
      expect([status, json]).toEqual([409, { error: { purchaseId: ['conflict'] } }]);
    }
    expect((await work()).mails).toEqual([]);
  });
});
