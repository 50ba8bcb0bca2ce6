import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mint } from '../testing/mint.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let log = '';
let server: TestServer;
beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  server = await startTestServer({ deps: (real) => ({ ...real, log: pino({ level: 'trace' }, sink) }) });
});
afterAll(() => server.stop());

const lines = () =>
  log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('writes one line per request: which operation, how it ended, how long it took', async () => {
  const { headers } = await server.client.get('/whoami?x=1');
  await expect
    .poll(() => lines().find((line) => line.requestId === headers['request-id']))
    .toMatchObject({
      operation: 'getWhoami',
      method: 'GET',
      path: '/whoami',
      status: 401,
      duration: expect.any(Number),
    });
});

it('never writes a secret, whatever way it was sent', async () => {
  const { client } = server;
  const admin = await server.createAccount('admin');
  const { product } = await server.publishSmall(admin);
  const basic = Buffer.from(`${admin.email}:${admin.apiKey}`).toString('base64');
  const token = await mint(server, admin, product);
  const idempotent = await client.post('/api/generate-download-url', {
    headers: { authorization: `Basic ${basic}`, 'idempotency-key': 'very-secret-key' },
    json: { productId: product, customerEmail: 'secret.customer@example.com' },
  });
  const query = { token };
  await client.get('/download', { query, headers: { accept: 'text/html' } });
  await client.get('/download/archive', { query });
  await client.get('/download/manifest', { query });
  const opened = await client.post('/download/sessions', { query });
  await client.patch(`/download/sessions/${opened.json.id}`, { query, json: { status: 'failed' } });
  await client.get('/download', { query: { token: `${token.slice(0, -2)}zz` } });
  await client.get(`/nowhere?token=${token}`);
  await client.get('/whoami', { headers: { authorization: `Bearer ${admin.apiKey}x` } });
  await client.post('/api/products', { as: admin.apiKey, body: `{"slug":"${token}"` });
  const { json } = await client.post('/api_key', { as: admin.apiKey });
  const last = await client.get('/ping');
  await expect.poll(() => log.includes(String(last.headers['request-id']))).toBe(true);
  const secrets = [
    token,
    idempotent.json.downloadToken,
    admin.apiKey,
    json.response.api_key,
    basic,
    'very-secret-key',
    'secret.customer',
  ];
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(log).not.toContain(secret);
    expect(log).not.toContain(secret.slice(4, -4));
  }
});
