import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobMissing } from '../blobs/store.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let token: string;
let stored: string;
let admin: NewAccount;
let product: string;
let versionId: string;
let buffered = false;
let missing = false;
beforeAll(async () => {
  server = await startTestServer({
    deps: ({ blobs, ...real }) => ({
      ...real,
      blobs: {
        ...blobs,
        read: (key, range) => (missing ? Promise.reject(new BlobMissing(key)) : blobs.read(key, range)),
        readBuffer(key, range) {
          if (key.startsWith('manifests/')) buffered = true;
          return blobs.readBuffer(key, range);
        },
      },
    }),
  });
  admin = await server.createAccount('admin');
  ({ product, versionId } = await server.publishSmall(admin));
  token = await mint(server, admin, product);
  stored = (
    await server.client.get(`/api/products/${product}/versions/${versionId}/manifest`, { as: admin.apiKey })
  ).body.toString();
});
afterAll(() => server.stop());

const get = (headers: Record<string, string> = {}) =>
  server.client.get('/download/manifest', { query: { token }, headers });

describe('a manifest', () => {
  const paths = () => [
    { path: '/download/manifest', query: { token } },
    { path: `/api/products/${product}/versions/${versionId}/manifest`, as: admin.apiKey },
  ];

  it('goes out as it is read, never as a whole in memory', async () => {
    for (const { path, ...options } of paths()) {
      buffered = false;
      const { body, headers } = await server.client.get(path, options);
      expect([headers['content-length'], headers['content-type']]).toEqual([String(stored.length), 'application/json']);
      expect([body.toString(), buffered]).toEqual([stored, false]);
      const head = await server.client.request('HEAD', path, options);
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(stored.length), 0]);
    }
  });

  it('that is missing in the storage is 503', async () => {
    missing = true;
    for (const { path, ...options } of paths()) expect((await server.client.get(path, options)).status).toBe(503);
    missing = false;
  });
});

describe('the manifest of a link', () => {
  it('is signed: its exact bytes verify with a published key (RFC 7797)', async () => {
    const { body, headers } = await get();
    expect(body.toString()).toBe(stored);
    const [header = '', payload, signature = ''] = String(headers['continuity-signature']).split('.');
    const { alg, kid, b64, crit } = JSON.parse(Buffer.from(header, 'base64url').toString());
    expect([payload, alg, b64, crit]).toEqual(['', 'EdDSA', false, ['b64']]);
    const { keys } = (await server.client.get('/.well-known/jwks.json')).json;
    const jwk = keys.find((key: { kid: string }) => key.kid === kid);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const check = (bytes: Buffer) =>
      verify(null, Buffer.concat([Buffer.from(`${header}.`), bytes]), key, Buffer.from(signature, 'base64url'));
    expect(check(body)).toBe(true);
    expect(check(Buffer.from(body.toString().replace('kick', 'kicK')))).toBe(false);
    expect(Object.keys(jwk)).not.toContain('d');
  });

  it('has a tag that is its hash, and is not sent to whom has it', async () => {
    const { headers, body } = await get();
    expect(headers['etag']).toBe(`"${sha256(body)}"`);
    const again = await get({ 'if-none-match': String(headers['etag']) });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    for (const tags of [`W/${headers['etag']}`, `"x", ${headers['etag']}`, '*'])
      expect((await get({ 'if-none-match': tags })).status).toBe(304);
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200);
  });
});
