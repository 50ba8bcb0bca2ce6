import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentMail } from '../testing/mail.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

const PATH = '/dashboard/mails';

let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

let buyers = 0;
/** Queues the mail about a purchase, which has come to the state; answers whom it is to. */
async function mailed(state: string, error?: string): Promise<{ to: string; id: string }> {
  const to = `buyer${++buyers}@example.com`;
  const json = { productId: pair.product, customerEmail: to, sendEmail: true };
  await server.client.post('/api/purchases', { as: pair.own.apiKey, json });
  const row = await server.deps.db
    .updateTable('mails')
    .set({ state, error: error ?? null })
    .where('recipient', '=', to)
    .returning('id')
    .executeTakeFirstOrThrow();
  return { to, id: row.id };
}

const readersIn = (html: string) => html.match(/(?<=<bdi>)buyer\d+@example\.com/g);

describe('the mails page', () => {
  it('says so where nothing was mailed', async () => {
    const browser = await signedIn(server, await server.createAccount('owner'));
    expect((await browser.get(PATH)).text).toContain('Nothing was mailed yet.');
    expect((await browser.get(`${PATH}?status=failed`)).text).toContain('There is none like that.');
  });

  it('shows what was mailed and whether it went out, newest first, to who asks for it', async () => {
    const browser = await signedIn(server, pair.own);
    const [sent, failed] = [await mailed('sent', 'once'), await mailed('failed', '550 <no> such user')];
    const all = await browser.get(PATH);
    expect(readersIn(all.html)).toEqual([failed.to, sent.to]);
    expect(all.text).toContain(`${failed.to} Purchase Failed 550 <no> such user`);
    expect(all.text).not.toContain('once');
    expect(all.html.match(/\/retry"/g)).toHaveLength(1);
    expect(readersIn((await browser.get(`${PATH}?status=sent`)).html)).toEqual([sent.to]);
    const wanted = await browser.get(`${PATH}?status=&recipient=+${failed.to.toUpperCase()}`);
    expect(readersIn(wanted.html)).toEqual([failed.to]);
    expect(readersIn((await browser.get(`${PATH}?status=none&before=x`)).html)).toHaveLength(2);
  });

  it('says why somebody was left out, and offers no other try', async () => {
    const browser = await signedIn(server, pair.own);
    const to = 'buyer-no-more@example.com';
    const about = { organisation_id: pair.own.orgId, kind: 'announcement', recipient: to, task: 'mail_announcement' };
    const row = { ...about, id: server.deps.ids.next(), state: 'skipped', reason: 'unsubscribed' };
    await server.deps.db.insertInto('mails').values(row).execute();
    const page = await browser.get(`${PATH}?status=skipped`);
    expect(page.text).toContain(`${to} New version Left out They want no news of new versions.`);
    expect(page.html).not.toContain('/retry"');
    await server.deps.db.deleteFrom('mails').where('id', '=', row.id).execute();
  });

  it('puts a mail that failed into the queue again, once', async () => {
    const browser = await signedIn(server, pair.own);
    const { to, id } = await mailed('failed', '550');
    const before = (await sentMail(server)).filter((mail) => mail.to === to).length;
    const again = () => browser.submit(`${PATH}/${id}/retry`, {}, { from: PATH });
    expect((await again()).headers.location).toBe(`${PATH}?done=mail_retried`);
    expect((await browser.get(`${PATH}?done=mail_retried`)).text).toContain('in the queue again');
    expect((await again()).headers.location).toBe(`${PATH}?done=mail_retried`);
    expect((await sentMail(server)).filter((mail) => mail.to === to)).toHaveLength(before + 1);
    expect((await again()).headers.location).toBe(`${PATH}?done=mail_sent`);
  });

  it('has pages', async () => {
    const recent = [];
    for (let n = 0; n < 51; n++) recent.push((await mailed('waiting')).to);
    const browser = await signedIn(server, pair.own);
    const first = await browser.get(`${PATH}?status=waiting`);
    expect(readersIn(first.html)).toEqual(recent.slice(1).reverse());
    const [, older = ''] = /<a href="([^"]+)">Older mails/.exec(first.html) ?? [];
    expect(readersIn((await browser.get(older.replaceAll('&amp;', '&'))).html)).toEqual(recent.slice(0, 1));
  });

  it('is not for members, and neither shows nor sends anybody else’s', async () => {
    const { id } = await mailed('failed');
    const member = await signedIn(server, await server.createAccount('member', { org: pair.own.orgId }));
    expect((await member.get(PATH)).status).toBe(403);
    expect((await member.submit(`${PATH}/${id}/retry`, {}, { from: '/dashboard' })).status).toBe(403);
    const stranger = await signedIn(server, await server.createAccount('admin'));
    expect(readersIn((await stranger.get(PATH)).html)).toBeNull();
    expect((await stranger.submit(`${PATH}/${id}/retry`, {}, { from: '/dashboard' })).status).toBe(404);
  });
});
