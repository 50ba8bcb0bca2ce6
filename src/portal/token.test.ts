import { afterAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../oauth2/scopes.ts';
import { createAccessToken } from '../testing/applications.ts';
import { createPageClient } from '../testing/pages.ts';
import { createPortalToken, CUSTOMER_COOKIE } from '../testing/portal.ts';
import { openSelling } from '../testing/selling.ts';

const DAY = 24 * 60 * 60 * 1000;

const { server, pair, clock, newEmail, newCustomer, list } = await openSelling();
afterAll(() => server.stop());

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
    clock.now += 30 * DAY - 1;
    expect((await list(token)).status).toBe(200);
    clock.now += 1;
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

describe('an Idempotency-Key', () => {
  const fetch = (as: string, id: string, key: string, json: object = {}) =>
    server.client.post(`/api/my/purchases/${id}/download-url`, { as, json, headers: { 'idempotency-key': key } });
  const linksOf = async (id: string) =>
    (await server.deps.db.selectFrom('download_tokens').select('id').where('purchase_id', '=', id).execute()).length;

  it('makes one link of a request that is repeated, in whatever session of the customer', async () => {
    const { email, id, token } = await newCustomer();
    const other = await createPortalToken(server.deps, email);
    const first = await fetch(token, id, 'k');
    const again = await fetch(other, id, 'k');
    expect([again.status, again.body.toString(), again.headers['cache-control']]).toEqual([
      200,
      first.body.toString(),
      'no-store',
    ]);
    expect(await linksOf(id)).toBe(1);
    expect((await fetch(token, id, 'another')).json.downloadToken).not.toBe(first.json.downloadToken);
    const reused = await fetch(token, id, 'k', { version: '1.0.0' });
    expect([reused.status, reused.json]).toEqual([409, { error: { 'Idempotency-Key': ['idempotency_key_reused'] } }]);
  });

  it('is the customer’s own', async () => {
    const [one, two] = [await newCustomer(), await newCustomer()];
    const link = (await fetch(one.token, one.id, 'same')).json.downloadToken;
    const theirs = await fetch(two.token, two.id, 'same');
    expect([theirs.status, theirs.json.downloadToken === link]).toEqual([200, false]);
    expect((await fetch(two.token, one.id, 'same')).status).toBe(409);
  });

  it('of a request that failed can be used again', async () => {
    const { id, token } = await newCustomer();
    expect((await fetch(token, id, 'failed', { version: '9' })).status).toBe(404);
    expect((await fetch(token, id, 'failed')).status).toBe(200);
  });

  it('sent eight times at once makes one link', async () => {
    const { id, token } = await newCustomer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => fetch(token, id, 'race')));
    const good = answers.filter(({ status }) => status === 200);
    expect(new Set(good.map(({ body }) => body.toString())).size).toBe(1);
    expect([await linksOf(id), answers.every(({ status }) => [200, 409].includes(status))]).toEqual([1, true]);
  });
});
