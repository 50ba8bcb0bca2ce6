import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobStoreUnavailable } from '../blobs/store.ts';
import type { Deps } from '../deps.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { createAccessToken } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
let token: string;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('member');
  token = await createAccessToken(server.deps, account, ['user', 'products']);
});
afterAll(() => server.stop());

const get = (query: Record<string, string>, path = '/whoami') =>
  server.client.get(path, { query: { oauth_token: token, ...query } });

describe('JSON-P', () => {
  it('is the JSON between the name and its brackets, byte for byte', async () => {
    const plain = await get({});
    const { status, headers, body } = await get({ callback: 'my_json_function' });
    expect(body.toString()).toBe(`my_json_function(${plain.body.toString()})`);
    expect([status, headers['content-type']]).toEqual([200, 'application/javascript']);
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it.each(['f', '$', '_', 'jQuery.jsonp_1', 'a.b.c', 'x'.repeat(64)])('takes the name %s', async (callback) => {
    expect((await get({ callback })).body.toString()).toMatch(/\({"response":{"email":"[^"]+"}}\)$/);
  });

  it.each(['', '1a', 'a-b', 'a b', 'a.', '.a', 'a..b', 'alert(1)', 'a;b', 'a\n', 'é', 'a[0]', 'x'.repeat(65)])(
    'refuses the name %j in plain JSON',
    async (callback) => {
      const { status, headers, json } = await get({ callback });
      expect([status, json]).toEqual([403, { error: { callback: ['invalid_format'] } }]);
      expect(headers['content-type']).toBe('application/json');
    },
  );

  it('knows the parameter by its escaped name too', async () => {
    const { body } = await server.client.get(`/ping?%63allback=f`);
    expect(body.toString()).toBe('f({"response":"pong"})');
  });

  it('leaves errors as they are', async () => {
    const answer = await server.client.get('/whoami?callback=f');
    expect([answer.status, answer.json]).toEqual([401, { error: { generic: ['unauthorized'] } }]);
    const missing = await get({ callback: 'f' }, '/api/products/nothing');
    expect([missing.status, missing.json]).toEqual([404, { error: { productId: ['not_found'] } }]);
  });

  it('wraps nothing but GET', async () => {
    const { status, json } = await server.client.post('/api/products?callback=f', {
      as: account.apiKey,
      json: { slug: 'drums', name: 'Drums' },
    });
    expect([status, json]).toEqual([400, { error: { callback: ['unknown_field'] } }]);
  });

  it('answers HEAD with the headers of GET', async () => {
    const [got, head] = await Promise.all([
      get({ callback: 'f' }),
      server.client.request('HEAD', '/whoami', { query: { oauth_token: token, callback: 'f' } }),
    ]);
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
    expect(head.headers['content-type']).toBe('application/javascript');
  });

  it('wraps a body that streams, and one that is kept as bytes', async () => {
    const { version, product } = await server.publishSmall(account);
    const plain = await server.client.get(`/api/products/${product}/versions`, { as: account.apiKey });
    const [{ id }] = plain.json;
    const path = `/api/products/${product}/versions/${id}/manifest`;
    const manifest = await get({}, path);
    const wrapped = await get({ callback: 'f' }, path);
    expect(version).toBeDefined();
    expect(wrapped.body.toString()).toBe(`f(${manifest.body.toString()})`);
  });

  it('still answers an error when the storage fails before the first byte', async () => {
    const down = (real: Deps): Deps => ({
      ...real,
      blobs: { ...real.blobs, read: () => Promise.reject(new BlobStoreUnavailable()) },
    });
    const broken = await startTestServer({ deps: down });
    try {
      const owner = await broken.createAccount('member');
      const { product } = await broken.publishSmall(owner);
      const [{ id }] = (await broken.client.get(`/api/products/${product}/versions`, { as: owner.apiKey })).json;
      const path = `/api/products/${product}/versions/${id}/manifest?callback=f`;
      const { status, headers, json } = await broken.client.get(path, { as: owner.apiKey });
      expect([status, json]).toEqual([503, { error: { generic: ['unavailable'] } }]);
      expect(headers['content-length']).toBe(String(JSON.stringify(json).length));
    } finally {
      await broken.stop();
    }
  });

  describe('with Basic credentials', () => {
    const ask = (site: string | undefined, query: string) => {
      const authorization = `Basic ${Buffer.from(`${account.email}:${account.apiKey}`).toString('base64')}`;
      const headers = { authorization, ...(site === undefined ? {} : { 'sec-fetch-site': site }) };
      return server.client.get(`/whoami${query}`, { headers });
    };

    it('refuses what another site asks for', async () => {
      const { status, json } = await ask('cross-site', '?callback=f');
      expect([status, json]).toEqual([401, { error: { generic: ['unauthorized'] } }]);
    });

    it.each([
      ['same-origin', '?callback=f'],
      ['none', '?callback=f'],
      [undefined, '?callback=f'],
      ['cross-site', ''],
      ['cross-site', '?callback=f&oauth_token='],
    ])('from %s, %s', async (site, query) => {
      expect((await ask(site, query)).status).toBe(query.includes('oauth_token=') ? 401 : 200);
    });
  });
});

describe('the cache buster', () => {
  it.each(['/ping', '/whoami', '/api/products'])('is ignored by %s', async (path) => {
    expect((await get({ _: '1764547200000' }, path)).status).toBe(200);
  });

  it('is unknown where there is no GET', async () => {
    const { json } = await server.client.post('/api_key?_=1', { as: account.apiKey });
    expect(json).toEqual({ error: { _: ['unknown_field'] } });
  });
});
