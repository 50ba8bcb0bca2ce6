import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const origin = { origin: 'https://shop.example' };
const preflight = (path: string) =>
  server.client.request('OPTIONS', path, { headers: { ...origin, 'access-control-request-method': 'GET' } });

describe('CORS', () => {
  it.each([
    ['/ping', 200],
    ['/whoami', 401],
    ['/api/products', 401],
    ['/nothing', 400],
    ['/download?token=x', 404],
  ])('lets scripts of any site read %s (%i), and its headers', async (path, status) => {
    const answer = await server.client.get(path, { headers: origin });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, '*']);
    expect(answer.headers['access-control-expose-headers']).toBe('Link, Location, Request-Id, Retry-After, ETag');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('answers a preflight before it asks who is there', async () => {
    const { status, headers, body } = await preflight('/api/products');
    expect([status, body.length]).toEqual([204, 0]);
    expect(headers['access-control-allow-methods']).toBe(headers['allow']);
    expect(headers['access-control-allow-headers']).toContain('Authorization');
    expect(headers['access-control-max-age']).toBe('86400');
  });

  it.each(['/dashboard/sign-in', '/oauth2/authorize'])('is not on the page %s', async (path) => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await fetch(server.url + path, { method, headers: origin, redirect: 'manual' });
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(answer.headers.get('access-control-allow-headers')).toBeNull();
    }
  });

  it('is not on a page that a link leads to', async () => {
    const headers = { ...origin, accept: 'text/html' };
    const answer = await server.client.get(`/download?token=${'0'.repeat(64)}`, { headers });
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
