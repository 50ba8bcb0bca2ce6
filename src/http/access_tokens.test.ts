import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createAccessToken, createTestApplication } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const lines: string[] = [];
let server: TestServer;
let admin: NewAccount;
let other: NewAccount;
let token: string;
beforeAll(async () => {
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  server = await startTestServer({ deps: (real) => ({ ...real, log }) });
  admin = await server.createAccount('admin');
  other = await server.createAccount('admin', { org: admin.orgId });
  token = await createAccessToken(server.deps, admin, ['user', 'products', 'downloads']);
});
afterAll(() => server.stop());

const basic = ({ email }: NewAccount, key: string) => `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;
const whoami = (query: string, authorization?: string) =>
  server.client.get(`/whoami${query}`, authorization === undefined ? {} : { headers: { authorization } });
const UNAUTHORIZED = [401, { error: { generic: ['unauthorized'] } }];

describe('an access token', () => {
  it.each([
    ['as Bearer', '', () => `Bearer ${token}`],
    ['in the query', () => `?oauth_token=${token}`, undefined],
    [
      'in the query, beside Basic credentials of another user',
      () => `?oauth_token=${token}`,
      () => basic(other, other.apiKey),
    ],
    ['in the query, beside wrong Basic credentials', () => `?oauth_token=${token}`, () => basic(admin, 'x')],
    ['in the query with an escaped name', () => `?oauth%5Ftoken=${token}`, undefined],
    ['twice the same', () => `?oauth_token=${token}&oauth_token=${token}`, undefined],
    ['with an empty one beside it', () => `?oauth_token=&oauth_token=${token}`, undefined],
  ])('acts for its user %s', async (_name, query, authorization) => {
    const { status, json } = await whoami(typeof query === 'string' ? query : query(), authorization?.());
    expect([status, json]).toEqual([200, { response: { email: admin.email } }]);
  });

  it.each([
    ['beside a Bearer key', () => `?oauth_token=${token}`, () => `Bearer ${admin.apiKey}`],
    ['beside itself as Bearer', () => `?oauth_token=${token}`, () => `Bearer ${token}`],
    [
      'that is wrong, beside right Basic credentials',
      () => `?oauth_token=${token.slice(0, -1)}x`,
      () => basic(admin, admin.apiKey),
    ],
    ['that is an API key', () => `?oauth_token=${admin.apiKey}`, undefined],
    ['that comes with a second, other one', () => `?oauth_token=${token}&oauth_token=cto_x`, undefined],
    ['that is a NUL', () => '?oauth_token=%00', undefined],
  ])('in the query is refused %s', async (_name, query, authorization) => {
    const { status, json } = await whoami(query(), authorization?.());
    expect([status, json]).toEqual(UNAUTHORIZED);
  });

  it('in the query counts as absent when empty', async () => {
    expect((await whoami('?oauth_token=')).status).toBe(401);
    expect((await whoami('?oauth_token=', basic(admin, admin.apiKey))).json.response.email).toBe(admin.email);
    expect((await whoami('?oauth_token', `Bearer ${admin.apiKey}`)).json.response.email).toBe(admin.email);
  });

  it('is no password for Basic', async () => {
    expect((await whoami('', basic(admin, token))).status).toBe(401);
  });

  it('appears in no log and in no link', async () => {
    lines.length = 0;
    for (const slug of ['one', 'two'])
      await server.client.post(`/api/products?oauth_token=${token}`, { json: { slug, name: slug } });
    await server.publishSmall(admin);
    for (let round = 0; round < 2; round += 1)
      await server.client.post(`/api/generate-download-url?oauth_token=${token}`, {
        json: {
          productId: (await server.client.get('/api/products', { as: admin.apiKey })).json.find(
            (one: { activeVersion?: object }) => one.activeVersion,
          ).product.id,
        },
      });
    const { headers } = await server.client.get(`/api/downloads/tokens?limit=1&oauth_token=${token}&callback=f&_=1`);
    expect(headers['link']).toContain('cursor=');
    expect(headers['link']).not.toContain('oauth_token');
    expect(lines.length).toBeGreaterThan(4);
    expect(lines.join('')).not.toContain(token);
  });

  it('mints as its user', async () => {
    const { product } = await server.publishSmall(admin);
    const json = { productId: product, customerEmail: 'buyer@example.com' };
    const { status } = await server.client.post('/api/generate-download-url', { as: token, json });
    expect(status).toBe(200);
    const created = await server.deps.db
      .selectFrom('download_tokens')
      .select('created_by')
      .where('product_id', '=', product)
      .executeTakeFirstOrThrow();
    expect(created.created_by).toBe(admin.userId);
  });

  it('names the scope that is missing (RFC 6750 §3.1)', async () => {
    const narrow = await createAccessToken(server.deps, admin, ['user']);
    const { status, json, headers } = await server.client.get('/api/products', { as: narrow });
    expect([status, json]).toEqual([403, { error: { generic: ['insufficient_scope'] } }]);
    expect(headers['www-authenticate']).toBe('Bearer realm="Continuity", error="insufficient_scope", scope="products"');
  });

  it('is no credential while the publisher of its application is suspended', async () => {
    const publisher = await server.createAccount('owner');
    const user = await server.createAccount('member');
    const { clientId } = await createTestApplication(server.deps, publisher);
    const key = await createAccessToken(server.deps, user, ['user'], clientId);
    const statuses: number[] = [];
    for (const suspended of [false, true, false]) {
      await setStanding(server.deps, publisher.orgId, { suspended });
      statuses.push((await server.client.get('/whoami', { as: key })).status);
    }
    expect(statuses).toEqual([200, 401, 200]);
  });

  it('is dead when its user is gone', async () => {
    const user = await server.createAccount('member', { org: admin.orgId });
    const key = await createAccessToken(server.deps, user, ['user']);
    expect((await server.client.get('/whoami', { as: key })).status).toBe(200);
    await server.deps.db.deleteFrom('users').where('id', '=', user.userId).execute();
    expect((await server.client.get('/whoami', { as: key })).status).toBe(401);
  });
});
