import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServeOptions, startTestServer, type TestServer } from '../testing/server.ts';

const PUBLIC = { NODE_ENV: 'production', PUBLIC_URL: 'https://downloads.example/' };
const https = { 'x-forwarded-proto': 'https' };

function serving(options: ServeOptions): () => TestServer {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(options);
  });
  afterAll(() => server.stop());
  return () => server;
}

describe('in production', () => {
  const server = serving({ config: PUBLIC });

  it.each([
    ['GET', '/whoami'],
    ['POST', '/api/products'],
    ['OPTIONS', '/whoami'],
    ['GET', '/nowhere'],
    ['HEAD', '/user'],
    ['GET', '/download?token=x'],
  ])('plain HTTP is refused: %s %s', async (method, path) => {
    const { status, headers, json } = await server().client.request(method, path);
    expect(status).toBe(403);
    if (method !== 'HEAD') expect(json).toEqual({ error: { generic: ['https_required'] } });
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('a right key over plain HTTP is refused as well', async () => {
    const { apiKey } = await server().createAccount('member');
    expect((await server().client.get('/whoami', { as: apiKey })).status).toBe(403);
  });

  it.each(['/ping', '/healthz', '/readyz'])('%s answers to a load balancer', async (path) => {
    expect((await server().client.get(path)).status).toBe(200);
  });

  it('anybody can say https, so nobody is believed', async () => {
    const { status } = await server().client.get('/whoami', { headers: https });
    expect(status).toBe(403);
  });
});

describe('in production behind a trusted proxy', () => {
  const server = serving({ config: { ...PUBLIC, TRUST_PROXY: '127.0.0.0/8, ::1' } });

  it('https is believed, and stays https for a year', async () => {
    const { status, headers } = await server().client.get('/whoami', { headers: https });
    expect(status).toBe(401);
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
  });

  it.each(['http', 'http, https', '', 'HTTPS://'])('%j is not https', async (proto) => {
    expect((await server().client.get('/whoami', { headers: { 'x-forwarded-proto': proto } })).status).toBe(403);
  });

  it('links are built from PUBLIC_URL, whatever Host says', async () => {
    const { apiKey } = await server().createAccount('member');
    const headers = { ...https, host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const json = { slug: 'linked', name: 'Linked' };
    const { status, headers: sent } = await server().client.post('/api/products', { as: apiKey, headers, json });
    expect([status, sent['location']]).toEqual([201, 'https://downloads.example/api/products/linked']);
  });
});

describe('behind one trusted hop', () => {
  const server = serving({ config: { ...PUBLIC, TRUST_PROXY: '1' } });

  it('the hop is believed', async () => {
    expect((await server().client.get('/whoami', { headers: https })).status).toBe(401);
  });
});

describe('behind a proxy that another network has', () => {
  const server = serving({ config: { ...PUBLIC, TRUST_PROXY: '10.0.0.0/8' } });

  it('this one is not believed', async () => {
    expect((await server().client.get('/whoami', { headers: https })).status).toBe(403);
  });
});
