import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { exchangeRaw } from '../testing/raw.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('admin');
  await server.client.post('/api/products', { as: account.apiKey, json: { slug: 'drums', name: 'Drums' } });
});
afterAll(() => server.stop());

const error = (code: string, field = 'generic') => ({ error: { [field]: [code] } });

describe('HEAD', () => {
  it.each([
    '/ping',
    '/healthz',
    '/readyz',
    '/whoami',
    '/user',
    '/api/products',
    '/api/products/drums',
    '/api/products/drums/versions',
    '/api/downloads/tokens',
    '/.well-known/jwks.json',
  ])('%s: GET without its body', async (path) => {
    const [get, head] = await Promise.all([
      server.client.get(path, { as: account.apiKey }),
      server.client.request('HEAD', path, { as: account.apiKey }),
    ]);
    expect(head.status).toBe(200);
    const comparable = ({ date: _date, 'request-id': _id, ...rest }: typeof get.headers) => rest;
    expect(comparable(head.headers)).toEqual(comparable(get.headers));
    expect(get.headers['content-length']).toBe(String(get.body.length));
    expect(head.body).toHaveLength(0);
  });

  it('is no method where there is no GET', async () => {
    const { status, headers } = await server.client.request('HEAD', '/api/manifest', { as: account.apiKey });
    expect([status, headers['allow']]).toEqual([405, 'POST, OPTIONS']);
  });

  it('answers an error without a body too', async () => {
    const { status, body } = await server.client.request('HEAD', '/whoami');
    expect([status, body.length]).toEqual([401, 0]);
  });
});

describe('methods', () => {
  it.each([
    ['/ping', 'GET, HEAD, OPTIONS'],
    ['/api/products/anything', 'GET, PUT, HEAD, OPTIONS'],
    ['/api/manifest', 'POST, OPTIONS'],
  ])('OPTIONS %s says which there are, without credentials', async (path, allow) => {
    const { status, headers, body } = await server.client.request('OPTIONS', path);
    expect([status, headers['allow'], body.length]).toEqual([204, allow, 0]);
  });

  it.each([
    ['DELETE', '/ping', 'GET, HEAD, OPTIONS'],
    ['POST', '/whoami', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/api/products/drums', 'GET, PUT, HEAD, OPTIONS'],
    ['GET', '/api/generate-download-url', 'POST, OPTIONS'],
  ])('%s %s is 405 and says which there are', async (method, path, allow) => {
    const { status, headers, json } = await server.client.request(method, path);
    expect([status, headers['allow'], json]).toEqual([405, allow, error('method_not_allowed')]);
  });

  it('knows no TRACE', async () => {
    const { status } = await server.client.request('TRACE', '/ping');
    expect(status).toBe(405);
  });
});

describe('paths', () => {
  it.each([
    '/',
    '/nowhere',
    '/api',
    '/api/',
    '/ping/',
    '//ping',
    '/PING',
    '/api/products/drums/',
    '/api/products//versions',
    '/api/blob/x/packs/drums',
    '/ping%2f',
    '/api%2Fproducts',
    '/__proto__',
    '/constructor',
    '/api/products/%zz',
    '/api/products/%',
    '/api/products/%c3',
    '/api/products/drums/versions/1/%e0%a4%a',
  ])('%s is none of ours', async (path) => {
    const { status, json } = await server.client.get(path, { as: account.apiKey });
    expect([status, json]).toEqual([400, error('api_does_not_exists')]);
  });

  it('may be written with escapes', async () => {
    const { status } = await server.client.get('/api/products/%64rums', { as: account.apiKey });
    expect(status).toBe(200);
  });

  it.each([
    ['a NUL', '/api/products/dr%00ms'],
    ['a slash', '/api/products/a%2Fb'],
    ['dots', '/api/products/..'],
    ['4,000 characters', `/api/products/${'a'.repeat(4000)}`],
    ['an emoji', '/api/products/%F0%9F%A5%81'],
    ['a prototype', '/api/products/__proto__'],
  ])('with %s name nothing that exists', async (_name, path) => {
    const { status, json } = await server.client.get(path, { as: account.apiKey });
    expect([status, Object.values(json.error)]).toEqual([404, [['not_found']]]);
  });

  it.each(['0', '01', '-1', '1.0', '1e3', 'abc', '9223372036854775808', '99999999999999999999999', '%00', '１'])(
    'with the id %s name nothing that exists',
    async (id) => {
      for (const path of [`/api/products/drums/versions/${id}`, `/api/downloads/tokens/${id}`]) {
        const { status } = await server.client.get(encodeURI(decodeURI(path)), { as: account.apiKey });
        expect(status).toBe(404);
      }
    },
  );

  it('an absolute request target is its path', async () => {
    const request = `GET ${server.url}/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(await exchangeRaw(server.url, request)).toMatch(/^HTTP\/1.1 200 OK[^]*\{"response":"pong"\}$/);
  });
});

describe('the query', () => {
  it.each([
    ['an unknown parameter', 'x=1', error('unknown_field', 'x')],
    ['two of them', 'x=1&y', { error: { x: ['unknown_field'], y: ['unknown_field'] } }],
    ['a parameter given twice', 'limit=1&limit=1', error('invalid_format', 'limit')],
    ['a bad escape', 'limit=%zz', error('invalid_format', 'limit')],
    ['a cut character', 'productId=%c3', error('invalid_format', 'productId')],
    ['a NUL', 'productId=%00', error('invalid_format', 'productId')],
    ['an empty number', 'limit=', error('invalid_format', 'limit')],
    ['no number', 'limit=ten', error('invalid_format', 'limit')],
    ['nothing to show', 'limit=0', error('invalid_format', 'limit')],
    ['too much', 'limit=201', error('invalid_format', 'limit')],
    ['a fraction', 'limit=1.5', error('invalid_format', 'limit')],
    ['no cursor of ours', 'cursor=!', error('invalid_format', 'cursor')],
    [
      'a cursor beyond 64 bits',
      `cursor=${Buffer.from('9'.repeat(19)).toString('base64url')}`,
      error('invalid_format', 'cursor'),
    ],
    ['several at once', 'limit=x&status=gone', { error: { limit: ['invalid_format'], status: ['invalid_format'] } }],
  ])('with %s is refused by name', async (_name, query, body) => {
    const { status, json } = await server.client.get(`/api/downloads/tokens?${query}`, { as: account.apiKey });
    expect([status, json]).toEqual([400, body]);
  });

  it('is refused with 403 on the Platform API, as the second seed has it', async () => {
    const { status, json } = await server.client.get('/whoami?x=1', { as: account.apiKey });
    expect([status, json]).toEqual([403, error('unknown_field', 'x')]);
  });

  it('is ignored where the document leaves it open', async () => {
    const answers = await Promise.all(
      ['/ping?x=%zz&x=1', '/healthz?__proto__=1'].map((path) => server.client.get(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('may be empty', async () => {
    const answers = await Promise.all(
      ['/whoami?', '/whoami?&&'].map((path) => server.client.get(path, { as: account.apiKey })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('names %s as unknown like any other', async (name) => {
    const { status, body } = await server.client.get(`/api/products?${name}=1`, { as: account.apiKey });
    expect([status, body.toString()]).toEqual([400, `{"error":{"${name}":["unknown_field"]}}`]);
  });
});
