import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problemsOf } from './check.ts';
import { startTestServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('the test server', () => {
  it('publishes, mints and downloads', async () => {
    const admin = await server.createAccount('admin');
    const { product, version } = await server.publishSmall(admin);
    const minted = await server.client.post('/api/generate-download-url', {
      as: admin.apiKey,
      json: { productId: product },
    });
    expect(minted.json).toMatchObject({ productId: product, version });
    const zip = await server.client.get('/download', { query: { token: minted.json.downloadToken } });
    expect(zip.status).toBe(200);
    expect(zip.body.subarray(0, 2).toString()).toBe('PK');
  });

  it('keeps every digit of an id', async () => {
    const { apiKey, userId } = await server.createAccount('member');
    const { json } = await server.client.get('/user', { as: apiKey });
    expect(json.response.id).toBe(BigInt(userId));
  });
});

const headers = {
  'request-id': 'a',
  vary: 'Accept',
  'cache-control': 'private',
  server: 'ContinuityApp Web Services',
  'x-content-type-options': 'nosniff',
  'content-type': 'application/json',
};
const exchange = (method: string, path: string, status: number, body: unknown, more = {}) =>
  problemsOf({ method, path, status, headers: { ...headers, ...more }, body: Buffer.from(String(body)) });

describe('checking an exchange', () => {
  it('passes what is documented', () => {
    expect(exchange('GET', '/ping', 200, '{"response":"pong"}')).toEqual([]);
    expect(exchange('GET', '/nowhere', 400, '{"error":{"generic":["api_does_not_exists"]}}')).toEqual([]);
  });

  it.each([
    ['an undeclared status', exchange('GET', '/ping', 201, '{"response":"pong"}'), 'status 201'],
    ['a surplus field', exchange('GET', '/ping', 200, '{"response":"pong","more":1}'), 'additional properties'],
    ['a wrong type', exchange('GET', '/ping', 200, '"x"', { 'content-type': 'text/plain' }), 'text/plain'],
    [
      'a charset',
      exchange('GET', '/ping', 200, '{}', { 'content-type': 'application/json; charset=utf-8' }),
      'charset',
    ],
    ['a code of another operation', exchange('GET', '/whoami', 401, '{"error":{"a":["is_blank"]}}'), 'is_blank'],
    ['a missing header', exchange('GET', '/whoami', 401, '{"error":{"a":["unauthorized"]}}'), 'www-authenticate'],
    ['a body for HEAD', exchange('HEAD', '/ping', 200, '{"response":"pong"}'), 'HEAD'],
    ['an undocumented path', exchange('GET', '/nowhere', 200, '{}'), 'nowhere'],
    [
      'a rounded id',
      exchange('GET', '/user', 200, '{"response":{"id":423456789123456001,"id_str":"423456789123456000"}}'),
      'id_str',
    ],
  ])('notices %s', (_name, problems, text) => {
    expect(problems.join('\n')).toContain(text);
  });
});
