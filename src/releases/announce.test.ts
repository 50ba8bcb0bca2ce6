import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mail } from '../mail/mail.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sentMail } from '../testing/mail.ts';
import { createPageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { queueAnnouncement } from './tasks.ts';

let server: TestServer;
let own: NewAccount;
let foreign: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  [own, foreign] = [await server.createAccount('admin'), await server.createAccount('admin')];
});
afterAll(() => server.stop());

let orders = 0;
const buy = async (productId: string, customerEmail: string, as = own) =>
  (
    await server.client.post('/api/purchases', {
      as: as.apiKey,
      json: { productId, customerEmail, orderId: `o-${++orders}` },
    })
  ).json;
const announce = (product: string, versionId: string, as = own) =>
  server.client.post(`/api/products/${product}/versions/${versionId}/announce`, { as: as.apiKey });

let seen = 0;
/** Why somebody was left out, newest first. */
const skipped = async (recipient: string) =>
  (await server.client.get('/api/mails', { as: own.apiKey, query: { recipient, status: 'skipped' } })).json.map(
    ({ reason }: { reason: string }) => reason,
  );

/** What went out since the last time. */
async function newMail(): Promise<readonly Mail[]> {
  const mails = (await sentMail(server)).slice(seen);
  seen += mails.length;
  return mails;
}
const readers = (mails: readonly Mail[]) => mails.map(({ to }) => to).sort();
const unsubscribeIn = ({ headers }: Mail): string => {
  const url = /^<(.+)>$/.exec(headers?.['List-Unsubscribe'] ?? '')?.[1] ?? '';
  return url.slice(server.url.length);
};
const eventsOf = async (type: string, organisationId = own.orgId) =>
  (
    await server.deps.db
      .selectFrom('events')
      .selectAll()
      .where('type', '=', type)
      .where('organisation_id', '=', organisationId)
      .execute()
  ).length;

describe('announcing a version', () => {
  it('mails each paying customer of the product once, with the way to it and out', async () => {
    const { product, versionId } = await server.publishSmall(own);
    const { product: other } = await server.publishSmall(own);
    await buy(product, 'a@example.com');
    await buy(product, 'A@example.com');
    await buy(product, 'b@example.com');
    const { id } = await buy(product, 'refunded@example.com');
    await server.client.post(`/api/purchases/${id}/refund`, { as: own.apiKey });
    await buy(other, 'other@example.com');
    const { status, json } = await announce(product, versionId);
    expect([status, json.status, json.mails]).toEqual([200, 'queueing', 0]);
    const mails = await newMail();
    expect(readers(mails)).toEqual(['a@example.com', 'b@example.com']);
    for (const mail of mails) {
      expect(mail.subject).toMatch(/ 1\.0\.0 is out$/);
      for (const body of [mail.text, mail.html]) expect(body).toContain(`${server.url}/my`);
      expect(mail.text).toContain(unsubscribeIn(mail));
      expect(mail.headers?.['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
      expect(mail.headers?.['List-Unsubscribe']).not.toContain('example.com>');
    }
    expect((await announce(product, versionId)).json).toEqual({ ...json, status: 'queued', mails: 2, skipped: 0 });
    await buy(product, 'late@example.com');
    await announce(product, versionId);
    expect([await newMail(), await eventsOf('version.announced')]).toEqual([[], 1]);
    const { json: listed } = await server.client.get('/api/mails', { as: own.apiKey });
    expect(listed.filter(({ kind }: { kind: string }) => kind === 'announcement')).toMatchObject([
      { status: 'sent', purchaseIds: [] },
      { status: 'sent' },
    ]);
  });

  it('asked for ten times at once is one announcement', async () => {
    const { product, versionId } = await server.publishSmall(own);
    await buy(product, 'ten@example.com');
    const answers = await Promise.all(Array.from({ length: 10 }, () => announce(product, versionId)));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(readers(await newMail())).toEqual(['ten@example.com']);
  });

  it('reaches everybody once where there are more than a batch, also when it was broken off', async () => {
    const { product, versionId } = await server.publishSmall(own);
    const { db, ids } = server.deps;
    const first = BigInt(ids.next());
    await sql`insert into purchases (id, organisation_id, product_id, customer_email, source, order_id)
      select ${first}::bigint - i, ${own.orgId}, ${product}, 'many' || i || '@example.com', 'api', 'many-' || i
      from generate_series(1, 450) i`.execute(db);
    await announce(product, versionId);
    // As though the first batch had been the last thing that a worker did.
    await sql`update announcements set last_email = 'many200@example.com' where version_id = ${versionId}`.execute(db);
    const { rows } = await sql<{ email: string }>`select customer_email as email from purchases
      where product_id = ${product} and customer_email > 'many200@example.com' order by 1`.execute(db);
    const mails = await newMail();
    expect(readers(mails)).toEqual(rows.map(({ email }) => email).sort());
    expect(mails.length).toBeGreaterThan(200);
  });

  it('goes on where it was broken off, when asked for again', async () => {
    const { product, versionId } = await server.publishSmall(own);
    for (const name of ['a', 'b', 'c']) await buy(product, `${name}-broken@example.com`);
    await announce(product, versionId);
    // As a backup that was taken in the middle: the queue is not part of it.
    await sql`delete from graphile_worker._private_jobs where key = ${`announce:${versionId}`}`.execute(server.deps.db);
    await sql`update announcements set last_email = 'a-broken@example.com' where version_id = ${versionId}`.execute(
      server.deps.db,
    );
    expect(await newMail()).toEqual([]);
    expect((await announce(product, versionId)).json.status).toBe('queueing');
    expect(readers(await newMail())).toEqual(['b-broken@example.com', 'c-broken@example.com']);
  });

  it('waits for nobody else: a purchase mail goes first', async () => {
    const { product, versionId } = await server.publishSmall(own);
    await buy(product, 'news@example.com');
    await announce(product, versionId);
    await queueAnnouncement(server.deps, { organisationId: own.orgId, versionId });
    const json = { productId: product, customerEmail: 'buyer@example.com', sendEmail: true };
    await server.client.post('/api/purchases', { as: own.apiKey, json });
    expect((await newMail()).map(({ to }) => to)).toEqual(['buyer@example.com', 'news@example.com']);
  });

  it('is refused for what cannot be had, and for another organisation', async () => {
    const { product, versionId } = await server.publishSmall(own);
    expect((await announce(product, versionId, foreign)).status).toBe(404);
    await server.client.post(`/api/products/${product}/versions/${versionId}/yank`, { as: own.apiKey });
    const { status, json } = await announce(product, versionId);
    expect([status, json]).toEqual([409, { error: { versionId: ['conflict'] } }]);
    expect(await newMail()).toEqual([]);
  });

  it('is refused for a version that was never activated, which customers do not get', async () => {
    const { product, versionId } = await server.publishSmall(own, { activate: false });
    const { status, json } = await announce(product, versionId);
    expect([status, json]).toEqual([409, { error: { versionId: ['conflict'] } }]);
    await server.client.post(`/api/products/${product}/versions/${versionId}/activate`, { as: own.apiKey });
    expect((await announce(product, versionId)).status).toBe(200);
    await newMail();
  });

  it('tells nobody of a version that was taken back meanwhile', async () => {
    const { product, versionId } = await server.publishSmall(own);
    await buy(product, 'yanked@example.com');
    await announce(product, versionId);
    await server.client.post(`/api/products/${product}/versions/${versionId}/yank`, { as: own.apiKey });
    expect(await newMail()).toEqual([]);
    expect(await skipped('yanked@example.com')).toEqual(['withdrawn']);
  });

  it('tells nobody who has the money back meanwhile', async () => {
    const { product, versionId } = await server.publishSmall(own);
    const { id } = await buy(product, 'back@example.com');
    await announce(product, versionId);
    await queueAnnouncement(server.deps, { organisationId: own.orgId, versionId });
    await server.client.post(`/api/purchases/${id}/refund`, { as: own.apiKey });
    expect([await newMail(), await skipped('back@example.com')]).toEqual([[], ['refunded']]);
  });
});

describe('unsubscribing', () => {
  /** A customer of both organisations, and the link in the mail from the first. */
  async function setUp(email: string) {
    const { product, versionId } = await server.publishSmall(own);
    await buy(product, email);
    await announce(product, versionId);
    const [mail] = await newMail();
    if (!mail) throw new Error('no mail');
    return { path: unsubscribeIn(mail), product };
  }
  const next = async (product: string, as = own) => {
    const { versionId } = await server.publishSmall(as, { product, version: '2.0.0' });
    await announce(product, versionId, as);
    return readers(await newMail());
  };
  const oneClick = (path: string, type: string, body: string) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': type, origin: 'https://mail.example' },
      body,
      redirect: 'manual',
    });

  it('by the button of a mail program is one POST, without cookies and from anywhere', async () => {
    const { path, product } = await setUp('click@example.com');
    const form = ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'] as const;
    for (const [type, body] of [form, ['multipart/form-data; boundary=x', '--x--\r\n'], form] as const)
      expect((await oneClick(path, type, body)).status).toBe(200);
    expect([await next(product), await eventsOf('customer.unsubscribed')]).toEqual([[], 1]);
    expect(await skipped('click@example.com')).toEqual(['unsubscribed']);
  });

  it('keeps out of the mail about purchases, and of nobody else’s news', async () => {
    const { path, product } = await setUp('both@example.com');
    await oneClick(path, 'application/x-www-form-urlencoded', '');
    const json = { productId: product, customerEmail: 'both@example.com', sendEmail: true };
    await server.client.post('/api/purchases', { as: own.apiKey, json });
    expect(readers(await newMail())).toEqual(['both@example.com']);
    const theirs = await server.publishSmall(foreign);
    await buy(theirs.product, 'both@example.com', foreign);
    expect(await next(theirs.product, foreign)).toEqual(['both@example.com']);
  });

  it('counts for mails that are in the queue already', async () => {
    const { path, product } = await setUp('queued@example.com');
    const { versionId } = await server.publishSmall(own, { product, version: '2.0.0' });
    await announce(product, versionId);
    await queueAnnouncement(server.deps, { organisationId: own.orgId, versionId });
    await oneClick(path, 'application/x-www-form-urlencoded', '');
    expect([await newMail(), await skipped('queued@example.com')]).toEqual([[], ['unsubscribed']]);
  });

  it('is counted by the announcement, and listed for admins alone', async () => {
    const { path, product } = await setUp('counted@example.com');
    await buy(product, 'reader@example.com');
    await oneClick(path, 'application/x-www-form-urlencoded', '');
    expect(await next(product)).toEqual(['reader@example.com']);
    const { json: versions } = await server.client.get(`/api/products/${product}/versions`, { as: own.apiKey });
    const { id } = versions.find(({ version }: { version: string }) => version === '2.0.0');
    expect((await announce(product, id)).json).toMatchObject({ status: 'queued', mails: 1, skipped: 1 });
    const query = { recipient: 'counted@example.com' };
    expect((await server.client.get('/api/mails', { as: foreign.apiKey, query })).json).toEqual([]);
  });

  it('can be taken back with the same link, any number of times', async () => {
    const { path, product } = await setUp('again@example.com');
    const browser = createPageClient(server);
    await browser.get(path);
    await browser.submit(path);
    expect(await next(product)).toEqual([]);
    const opened = await browser.get(path);
    expect(opened.text).toContain('Unsubscribed');
    const undo = path.replace('/unsubscribe?', '/unsubscribe/undo?');
    expect(opened.html).toContain(`action="${undo}"`);
    for (let times = 0; times < 2; times += 1)
      expect((await browser.submit(undo, {}, { from: path })).text).toContain('will write to again@example.com');
    const third = await server.publishSmall(own, { product, version: '3.0.0' });
    await announce(product, third.versionId);
    expect(readers(await newMail())).toEqual(['again@example.com']);
    expect([await eventsOf('customer.subscribed_again')]).toEqual([1]);
    expect((await fetch(`${server.url}${undo.slice(0, -6)}AAAAAA`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(server.url + undo)).status).toBe(405);
  });

  it('by the link asks first, on a page that works without script', async () => {
    const { path, product } = await setUp('page@example.com');
    const browser = createPageClient(server);
    const page = await browser.get(path);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('page@example.com')]);
    expect(page.html).toContain('method="post"');
    expect(await next(product)).toEqual(['page@example.com']);
    expect((await browser.submit(path)).text).toContain('Unsubscribed');
    const third = await server.publishSmall(own, { product, version: '3.0.0' });
    await announce(product, third.versionId);
    expect(await newMail()).toEqual([]);
  });

  it('with a link that is none of ours is 404, and says nothing of anybody', async () => {
    const { path } = await setUp('whole@example.com');
    for (const wrong of [
      '/unsubscribe',
      '/unsubscribe?token=',
      `${path.slice(0, -6)}AAAAAA`,
      '/unsubscribe?token=AAAA',
    ])
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(server.url + wrong, { method });
        expect(answer.status).toBe(404);
        expect(await answer.text()).not.toContain('whole@example.com');
      }
  });
});
