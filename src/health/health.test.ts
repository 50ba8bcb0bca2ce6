import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';

let broken = false;
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => {
      const check = () => (broken ? Promise.reject(new Error('EROFS: /secret/path')) : real.blobs.check());
      return { ...real, blobs: Object.assign(Object.create(real.blobs), { check }) };
    },
  });
});
afterAll(() => server.stop());

describe('readiness', () => {
  it('is lost while the storage takes no writes, and comes back', async () => {
    expect((await server.client.get('/readyz')).json).toEqual({ response: 'ok' });
    broken = true;
    const { status, headers, body } = await server.client.get('/readyz');
    expect([status, body.toString()]).toEqual([503, '{"error":{"generic":["unavailable"]}}']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await server.client.get('/healthz')).status).toBe(200);
    broken = false;
    expect((await server.client.get('/readyz')).status).toBe(200);
  });
});
