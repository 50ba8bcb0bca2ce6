import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createAccessToken } from '../testing/applications.ts';
import { createPageClient } from '../testing/pages.ts';
import { createPortalToken, CUSTOMER_COOKIE } from '../testing/portal.ts';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { SCOPES } from '../oauth2/scopes.ts';

const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
let pair: ProductPair;
let now = Date.now();
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => new Date(now) }) });
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

let buyers = 0;
const newEmail = () => `customer${++buyers}@example.com`;

async function buy(customerEmail: string, { apiKey }: NewAccount = pair.own, productId = pair.product, more = {}) {
  const json = { productId, customerEmail, ...more };
  return (await server.client.post('/api/purchases', { as: apiKey, json })).json.id as string;
}

const list = (as: string, query = {}) => server.client.get('/api/my/purchases', { as, query });
const link = (as: string, id: string, json: object = {}) =>
  server.client.post(`/api/my/purchases/${id}/download-url`, { as, json });
const idsIn = (json: { id: string }[]) => json.map(({ id }) => id);

/** A customer with one purchase. */
async function newCustomer(seller = pair.own) {
  const email = newEmail();
  return { email, id: await buy(email, seller), token: await createPortalToken(server.deps, email) };
}

describe('a customer', () => {
  it('sees what was bought under the address, from whomever, newest first', async () => {
    const email = newEmail();
    const token = await createPortalToken(server.deps, email);
    expect((await list(token)).json).toEqual([]);
    const first = await buy(email, pair.own, pair.product, { orderId: 'o-1', purchasedAt: '2026-04-01T00:00:00.000Z' });
    const second = await buy(email.toUpperCase(), pair.foreign);
    await buy(newEmail());
    const { json } = await list(token);
    expect(idsIn(json)).toEqual([second, first]);
    const { json: version } = await server.client.get(
      `/api/products/${pair.product}/versions/${pair.ownVersion.versionId}`,
      { as: pair.own.apiKey },
    );
    expect(json[1]).toEqual({
      id: first,
      publisherId: pair.own.orgId,
      publisherName: pair.own.orgId,
      productId: pair.product,
      productName: pair.own.orgId,
      orderId: 'o-1',
      purchasedAt: '2026-04-01T00:00:00.000Z',
      available: true,
      versions: [{ version: '1.0.0', active: true, size: version.size, fileCount: 3, publishedAt: version.readyAt }],
    });
  });

  it('turns pages', async () => {
    const email = newEmail();
    const token = await createPortalToken(server.deps, email);
    const ids = [await buy(email), await buy(email), await buy(email)];
    const first = await list(token, { limit: 2 });
    expect(idsIn(first.json)).toEqual([ids[2], ids[1]]);
    const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: token });
    expect([idsIn(second.json), second.headers.link]).toEqual([[ids[0]], undefined]);
  });

  it('gets a fresh link as often as they like, which downloads and is known to belong to the purchase', async () => {
    const { email, id, token } = await newCustomer();
    const { status, headers, json } = await link(token, id);
    expect([status, headers['cache-control'], json.version]).toEqual([200, 'no-store', '1.0.0']);
    expect(json.expiresAt).toBe(new Date(now + DAY).toISOString());
    expect((await link(token, id)).json.downloadToken).not.toBe(json.downloadToken);
    const archive = await server.client.get(json.downloadUrl.slice(server.url.length));
    expect([archive.status, archive.headers['content-type']]).toEqual([200, 'application/zip']);
    const stored = await server.deps.db
      .selectFrom('download_tokens')
      .select(['customer_email', 'purchase_id', 'created_by', 'organisation_id'])
      .where('purchase_id', '=', id)
      .executeTakeFirstOrThrow();
    const expected = { customer_email: email, purchase_id: id, created_by: null, organisation_id: pair.own.orgId };
    expect(stored).toEqual(expected);
    const { json: events } = await server.client.get('/events', { as: pair.own.apiKey });
    const made = events.response.find(({ type }: { type: string }) => type === 'download_token.created');
    expect([made.data.product_id, made.user_id]).toEqual([pair.product, undefined]);
  });

  it('chooses among the versions that are ready', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const two = await server.publishSmall(seller, { product, version: '2.0.0', files: { 'a.txt': 'two' } });
    await server.publishSmall(seller, { product, version: '3.0.0', activate: false, files: { 'a.txt': 'three' } });
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    const versions = async () =>
      (await list(token)).json[0].versions.map((row: { version: string; active: boolean }) => [
        row.version,
        row.active,
      ]);
    expect(await versions()).toEqual([
      ['3.0.0', false],
      ['2.0.0', true],
      ['1.0.0', false],
    ]);
    expect((await link(token, id)).json.version).toBe('2.0.0');
    expect((await link(token, id, { version: '1.0.0' })).json.version).toBe('1.0.0');
    await server.client.post(`/api/products/${product}/versions/${two.versionId}/yank`, { as: seller.apiKey });
    expect(await versions()).toEqual([
      ['3.0.0', false],
      ['1.0.0', false],
    ]);
    for (const body of [{ version: '2.0.0' }, { version: '9' }, {}]) {
      const { status, json } = await link(token, id, body);
      expect([status, json]).toEqual([404, { error: { version: ['not_found'] } }]);
    }
  });

  it('keeps what has gone off sale, and what a seller who owes money sold', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    await server.client.post(`/api/products/${product}/archive`, { as: seller.apiKey });
    await setStanding(server.deps, seller.orgId, { billing: 'overdue' });
    expect((await link(token, id)).status).toBe(200);
  });

  it('is told where the seller is out of service, and gets no link', async () => {
    const seller = await server.createAccount('admin');
    const { product } = await server.publishSmall(seller);
    const email = newEmail();
    const [id, token] = [await buy(email, seller, product), await createPortalToken(server.deps, email)];
    await setStanding(server.deps, seller.orgId, { suspended: true });
    expect((await list(token)).json).toMatchObject([{ id, available: false }]);
    const { status, json } = await link(token, id);
    expect([status, json]).toEqual([403, { error: { purchaseId: ['resource_temporary_unavailable'] } }]);
  });

  it('finds nothing that was refunded, or that is somebody else’s', async () => {
    const [own, other] = [await newCustomer(), await newCustomer(pair.foreign)];
    const refunded = await buy(own.email);
    await server.client.post(`/api/purchases/${refunded}/refund`, { as: pair.own.apiKey });
    expect(idsIn((await list(own.token)).json)).toEqual([own.id]);
    for (const id of [refunded, other.id, '1', 'x', '99999999999999999999']) {
      const { status, json } = await link(own.token, id);
      expect([status, json]).toEqual([404, { error: { purchaseId: ['not_found'] } }]);
    }
    const { rows } = {
      rows: await server.deps.db
        .selectFrom('download_tokens')
        .select('id')
        .where('purchase_id', '=', other.id)
        .execute(),
    };
    expect(rows).toEqual([]);
  });
});

describe('a portal token', () => {
  it('ends by sign-out, alone or with every other session of the address', async () => {
    const email = newEmail();
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => createPortalToken(server.deps, email)));
    const stranger = await createPortalToken(server.deps, newEmail());
    const browser = createPageClient(server);
    browser.cookies.set(CUSTOMER_COOKIE, await createPortalToken(server.deps, email, 'browser'));
    const status = async (as = '') => (await list(as)).status;
    const out = await server.client.delete('/api/my/sessions', { as: first ?? '' });
    expect([out.json, await status(first), await status(second)]).toEqual([{ ended: 1 }, 401, 200]);
    expect((await browser.get('/my')).text).toContain(email);
    const all = await server.client.delete('/api/my/sessions/all', { as: second ?? '' });
    expect([all.json, await status(second), await status(third)]).toEqual([{ ended: 3 }, 401, 401]);
    expect((await browser.get('/my')).text).not.toContain(email);
    expect(await status(stranger)).toBe(200);
  });

  it('ends after 30 days', async () => {
    const token = await createPortalToken(server.deps, newEmail());
    now += 30 * DAY - 1;
    expect((await list(token)).status).toBe(200);
    now += 1;
    expect((await list(token)).status).toBe(401);
  });

  it('is asked for as Bearer alone, without a window for a password', async () => {
    const { status, headers } = await server.client.get('/api/my/purchases');
    expect([status, headers['www-authenticate']]).toEqual([401, 'Bearer realm="Continuity portal"']);
  });

  it('is the only thing that opens the portal', async () => {
    const { token, email } = await newCustomer();
    const oauth = await createAccessToken(server.deps, pair.own, SCOPES);
    const browser = await createPortalToken(server.deps, email, 'browser');
    for (const as of [pair.own.apiKey, oauth, browser, `ctm_${browser}`, `${token}A`, token.slice(0, -1), ''])
      expect((await list(as)).status).toBe(401);
    const basic = `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`;
    expect((await server.client.get('/api/my/purchases', { headers: { Authorization: basic } })).status).toBe(401);
    for (const query of [{ oauth_token: oauth }, { oauth_token: token }])
      expect((await server.client.get('/api/my/purchases', { as: token, query })).status).toBe(401);
    const cookie = `${CUSTOMER_COOKIE}=${browser}`;
    expect((await server.client.get('/api/my/purchases', { headers: { cookie } })).status).toBe(401);
  });

  it('opens nothing else', async () => {
    const { token, id } = await newCustomer();
    for (const path of ['/whoami', '/user', '/api/products', '/api/purchases', `/api/purchases/${id}`, '/events']) {
      expect((await server.client.get(path, { as: token })).status).toBe(401);
      expect((await server.client.get(path, { query: { oauth_token: token } })).status).toBe(401);
    }
    const browser = createPageClient(server);
    for (const name of [CUSTOMER_COOKIE, 'continuity_session']) {
      browser.cookies.set(name, token);
      expect((await browser.get('/dashboard')).status).toBe(303);
    }
    expect((await browser.get('/my')).text).toContain('Mail me a code');
  });
});
