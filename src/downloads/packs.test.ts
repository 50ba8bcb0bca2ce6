import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productHash } from '../manifests/product_hash.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { unzip } from '../testing/unzip.ts';
import { verifyVersion } from '../versions/tasks.ts';

const LITE_1 = Buffer.alloc(1000, 'lite one ');
const PRO = Buffer.alloc(3000, 'pro only ');
const LITE_2 = Buffer.alloc(500, 'lite two ');
const PACK = Buffer.concat([LITE_1, PRO, LITE_2]);
const HASH = sha256(PACK);

let server: TestServer;
let admin: NewAccount;
let lite: string;
let pro: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  await server.client.put(`/api/blob/${admin.orgId}/packs/pack-${HASH}`, { as: admin.apiKey, body: PACK });
  const file = (path: string, bytes: Buffer, offset: number) => ({
    path,
    size: bytes.length,
    sha256: sha256(bytes),
    segments: [{ pack: 0, offset, length: bytes.length }],
  });
  const [one, two] = [file('one.wav', LITE_1, 0), file('two.wav', LITE_2, 4000)];
  lite = await publish('lite', [one, two]);
  pro = await publish('pro', [one, file('pro.wav', PRO, 1000), two]);
});
afterAll(() => server.stop());

type File = {
  path: string;
  size: number;
  sha256: string;
  segments: { pack: number; offset: number; length: number }[];
};

/** Both versions out of one pack, as when they were published from overlapping folders. */
async function publish(slug: string, unsorted: File[]): Promise<string> {
  const files = [...unsorted].sort((a, b) => (a.path < b.path ? -1 : 1));
  await server.client.post('/api/products', { as: admin.apiKey, json: { slug, name: slug } });
  const manifest = { v: 3, packs: [{ sha256: HASH, size: PACK.length }], files };
  const json = {
    vendorId: admin.orgId,
    productId: slug,
    version: '1.0.0',
    productHash: productHash(files),
    manifest,
    activate: true,
  };
  const { id } = (await server.client.post('/api/manifest', { as: admin.apiKey, json })).json;
  await verifyVersion(server.deps, { organisationId: admin.orgId, productId: slug, versionId: id });
  return mint(server, admin, slug);
}

const get = (token: string, headers: Record<string, string> = {}, hash = HASH) =>
  server.client.get(`/download/packs/${hash}`, { query: { token }, headers });
const range = (start: number, end: number) => ({ range: `bytes=${start}-${end - 1}` });
const notFound = [404, { error: { sha256: ['not_found'] } }];

describe('a pack of which every byte belongs to the version', () => {
  it('is served whole, in parts, and not again', async () => {
    const whole = await get(pro);
    expect([whole.status, whole.headers['etag'], whole.headers['content-length']]).toEqual([200, `"${HASH}"`, '4500']);
    expect(whole.body.equals(PACK)).toBe(true);
    const part = await get(pro, range(999, 1001));
    expect([part.status, part.headers['content-range'], part.body.toString('latin1')]).toEqual([
      206,
      'bytes 999-1000/4500',
      PACK.subarray(999, 1001).toString('latin1'),
    ]);
    expect((await get(pro, { 'if-none-match': `"${HASH}"` })).status).toBe(304);
    expect((await get(pro, { range: 'bytes=4500-' })).status).toBe(416);
    expect((await get(pro, { range: 'bytes=-100' })).body.equals(PACK.subarray(4400))).toBe(true);
  });
});

describe('a pack of which only a part belongs to the version', () => {
  it.each([
    [0, 1000],
    [0, 1],
    [999, 1000],
    [4000, 4500],
    [4499, 4500],
    [4200, 4300],
  ])('is served from %i to %i', async (start, end) => {
    const { status, headers, body } = await get(lite, range(start, end));
    expect([status, headers['content-range']]).toEqual([206, `bytes ${start}-${end - 1}/4500`]);
    expect(body.equals(PACK.subarray(start, end))).toBe(true);
  });

  it.each([
    [1000, 1001],
    [999, 1001],
    [0, 1001],
    [3999, 4000],
    [3999, 4500],
    [0, 4500],
    [1500, 2000],
    [500, 4200],
  ])('shows nothing from %i to %i: not one byte of “pro”', async (start, end) => {
    const { status, json, headers } = await get(lite, range(start, end));
    expect([status, json]).toEqual(notFound);
    expect(headers['etag']).toBeUndefined();
  });

  it.each([
    ['whole', {}],
    ['with several ranges', { range: 'bytes=0-9,20-29' }],
    ['with a range that counts from the end', { range: 'bytes=-501' }],
    ['with an open range', { range: 'bytes=3999-' }],
    ['with a stale If-Range', { range: 'bytes=0-9', 'if-range': '"x"' }],
    ['with a unit that nobody knows', { range: 'pages=0-9' }],
  ])('is not served %s', async (_name, headers) => {
    const { status, json } = await get(lite, headers);
    expect([status, json]).toEqual(notFound);
  });

  it('is not in its archive either', async () => {
    const { body } = await server.client.get('/download/archive', { query: { token: lite } });
    expect(Object.keys(await unzip(body)).sort()).toEqual(['one.wav', 'two.wav']);
    expect(body.includes('pro only')).toBe(false);
    const { json } = await server.client.get('/download/manifest', { query: { token: lite } });
    expect(JSON.stringify(json)).not.toContain(sha256(PRO));
  });

  it('completes a session with what belongs to it', async () => {
    const headers = { 'user-agent': 'program' };
    const { json } = await server.client.post('/download/sessions', { query: { token: lite }, headers });
    expect(json.totalBytes).toBe(1500);
    await get(lite, { ...headers, ...range(0, 1000) });
    await get(lite, { ...headers, ...range(4000, 4500) });
    const status = async () =>
      (
        await server.client.patch(`/download/sessions/${json.id}`, {
          query: { token: lite },
          json: { status: 'completed' },
        })
      ).status;
    await expect.poll(status).toBe(200);
  });
});

describe('a pack of something else', () => {
  it('is not found: another version’s, another organisation’s, none at all', async () => {
    const other = await server.publishSmall(admin, { files: { 'other.txt': 'other' } });
    const stranger = await server.createAccount('admin');
    const theirs = await server.publishSmall(stranger, { files: { 'theirs.txt': 'theirs' } });
    for (const hash of [other.pack.sha256, theirs.pack.sha256, 'a'.repeat(64), HASH.toUpperCase(), 'x', '..%2F..']) {
      const { status, json } = await get(pro, {}, hash);
      expect([status, json]).toEqual(notFound);
    }
  });

  it('an equal pack of another organisation is read from its own store', async () => {
    const stranger = await server.createAccount('admin');
    const equal = { 'same.txt': 'the same bytes' };
    const [mine, theirs] = [
      await server.publishSmall(admin, { files: equal }),
      await server.publishSmall(stranger, { files: equal }),
    ];
    expect(mine.pack.sha256).toBe(theirs.pack.sha256);
    const token = await mint(server, stranger, theirs.product);
    await server.deps.blobs.delete(`packs/${admin.orgId}/${mine.pack.sha256}`);
    expect((await get(token, {}, mine.pack.sha256)).body.toString()).toBe('the same bytes');
    expect((await get(await mint(server, admin, mine.product), {}, mine.pack.sha256)).status).toBe(503);
  });
});
