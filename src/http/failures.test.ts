import pg from 'pg';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTestDatabase } from '../testing/database.ts';
import { TEMPLATE } from '../testing/databaseName.ts';
import { serveOn } from '../testing/serve_on.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

describe('a mistake of ours', () => {
  const logged: unknown[] = [];
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      deps: (real) => ({
        ...real,
        log: Object.assign(Object.create(real.log), { error: (...line: unknown[]) => logged.push(line) }),
        clock: () => {
          throw new Error('secret detail: select * from users');
        },
      }),
    });
  });
  afterAll(() => server.stop());

  it('is 500, says nothing of its cause, and is found in the log by its request id', async () => {
    const { apiKey } = await server.createAccount('member');
    const { status, headers, body } = await server.client.get('/api/downloads/tokens', { as: apiKey });
    expect(status).toBe(500);
    expect(body.toString()).toBe('{"error":{"generic":["internal_server_error"]}}');
    expect(JSON.stringify(headers)).not.toContain('secret detail');
    const text = JSON.stringify(logged, (_key, value) => (value instanceof Error ? value.message : value));
    expect(text).toContain('secret detail');
    expect(text).toContain(headers['request-id']);
  });

  it('does not stop the next request', async () => {
    expect((await server.client.get('/ping')).status).toBe(200);
  });
});

describe('code that throws what is no error', () => {
  let thrown: unknown;
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({
      deps: (real) => ({
        ...real,
        get db(): never {
          throw thrown;
        },
      }),
    });
  });
  afterAll(() => server.stop());

  it.each([[undefined], [null], ['text'], [{ status: 418, expose: true, message: 'teapot' }]])('%j', async (value) => {
    thrown = value;
    const { status, json } = await server.client.get('/.well-known/jwks.json');
    expect([status, json]).toEqual([500, { error: { generic: ['internal_server_error'] } }]);
  });
});

describe('without a database', () => {
  it('answers 503 with Retry-After, and serves again once it is back', async () => {
    const database = await createTestDatabase();
    const server = await serveOn(database.connectionString);
    const name = /\/(\w+)(\?|$)/.exec(database.connectionString)?.[1] ?? '';
    const { apiKey } = await server.createAccount('admin');
    await database.drop();
    const paths = ['/whoami', '/api/products', '/readyz', '/.well-known/jwks.json'];
    const minting = server.client.post('/api/generate-download-url', { as: apiKey, json: { productId: 'a' } });
    for (const answer of await Promise.all([
      minting,
      ...paths.map((path) => server.client.get(path, { as: apiKey })),
    ])) {
      expect(answer.status).toBe(503);
      expect(answer.json).toEqual({ error: { generic: ['unavailable'] } });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await server.client.get('/ping')).status).toBe(200);
    expect((await server.client.get('/healthz')).status).toBe(200);
    const admin = new pg.Client({ connectionString: inject('databaseServer') });
    await admin.connect();
    await admin.query(`create database ${name} template ${TEMPLATE} strategy file_copy`);
    await admin.end();
    const back = await server.createAccount('admin');
    const whoami = async () => (await server.client.get('/whoami', { as: back.apiKey })).status;
    await expect.poll(whoami, { timeout: 10_000 }).toBe(200);
    expect((await server.client.get('/readyz')).status).toBe(200);
    await server.stop();
    await database.drop();
  });

  it('can be stopped', async () => {
    const database = await createTestDatabase();
    const server = await serveOn(database.connectionString);
    await database.drop();
    await expect(server.stop()).resolves.toBeUndefined();
  });
});
