import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { unzip } from '../testing/unzip.ts';

const FILES = {
  'Trömmel/🥁.wav': Buffer.alloc(70_000, 'kick'),
  'empty.txt': '',
  'README.txt': 'Read me.\n',
  'copy/README.txt': 'Read me.\n',
};
let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
let token: string;
let whole: Buffer;
let etag: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin, { files: FILES });
  token = await mint(server, admin, published.product);
  const answer = await get({});
  [whole, etag] = [answer.body, String(answer.headers['etag'])];
});
afterAll(() => server.stop());

const get = (headers: Record<string, string>, as = token, path = '/download/archive') =>
  server.client.get(path, { query: { token: as }, headers });

describe('a download', () => {
  it('is a ZIP of exactly the published files', async () => {
    const files = await unzip(whole);
    expect(Object.keys(files).sort()).toEqual(Object.keys(FILES).sort());
    for (const [path, content] of Object.entries(FILES)) expect(files[path]?.equals(Buffer.from(content))).toBe(true);
  });

  it('says its name, type, size and tag', async () => {
    const { status, headers } = await get({}, token, '/download');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(whole.length),
      'content-disposition': `attachment; filename="${published.product}-1.0.0.zip"`,
      'accept-ranges': 'bytes',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
      etag,
    });
    expect(etag).toMatch(/^"[^"]+"$/);
  });

  it('is the same under every token, path and at every time', async () => {
    const other = await mint(server, admin, published.product);
    const answers = await Promise.all([
      get({}),
      get({}, other),
      get({}, other, '/download'),
      get({ accept: '*/*' }, token, '/download'),
    ]);
    for (const { body } of answers) expect(body.equals(whole)).toBe(true);
  });

  it('of two versions with the same files is the same, of others not', async () => {
    const twin = await server.publishSmall(admin, { product: published.product, version: '1.0.1', files: FILES });
    const twinAnswer = await get({}, await mint(server, admin, twin.product, { version: '1.0.1' }));
    expect((await unzip(twinAnswer.body))['README.txt']?.toString()).toBe('Read me.\n');
    const other = await server.publishSmall(admin, { files: { ...FILES, 'README.txt': 'Read me!\n' } });
    expect((await get({}, await mint(server, admin, other.product))).headers['etag']).not.toBe(etag);
  });

  it('can be asked for without being made: HEAD', async () => {
    const { status, headers, body } = await server.client.request('HEAD', '/download/archive', { query: { token } });
    expect([status, headers['content-length'], headers['etag'], headers['accept-ranges'], body.length]).toEqual([
      200,
      String(whole.length),
      etag,
      'bytes',
      0,
    ]);
  });

  it('of a version with empty files only is a ZIP as well', async () => {
    const empty = await server.publishSmall(admin, { files: { 'a.txt': 'x', 'b.txt': '' } });
    expect(Object.keys(await unzip((await get({}, await mint(server, admin, empty.product))).body))).toEqual([
      'a.txt',
      'b.txt',
    ]);
  });
});

describe('a part of it', () => {
  const size = () => whole.length;
  it.each([
    ['bytes=0-0', () => [0, 1]],
    ['bytes=0-99', () => [0, 100]],
    ['bytes=100-', () => [100, size()]],
    ['bytes=-10', () => [size() - 10, size()]],
    ['bytes=-99999999', () => [0, size()]],
    ['bytes=65000-66000', () => [65_000, 66_001]],
    ['bytes=5-99999999999999999999', () => [5, size()]],
    ['BYTES=1-1', () => [1, 2]],
  ])('%s', async (range, bounds) => {
    const [start = 0, end = 0] = bounds();
    const { status, headers, body } = await get({ range });
    expect([status, headers['content-range'], headers['content-length']]).toEqual([
      206,
      `bytes ${start}-${end - 1}/${size()}`,
      String(end - start),
    ]);
    expect(body.equals(whole.subarray(start, end))).toBe(true);
    expect(headers['etag']).toBe(etag);
  });

  it.each(['bytes=99999999-', 'bytes=-0', 'bytes=99999999999999999999-'])('%s does not exist', async (range) => {
    const { status, headers, json } = await get({ range });
    expect([status, headers['content-range'], headers['content-type']]).toEqual([
      416,
      `bytes */${size()}`,
      'application/json',
    ]);
    expect(json).toEqual({ error: { generic: ['range_not_satisfiable'] } });
  });

  it.each(['bytes=', 'bytes=5-1', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6', 'bytes 0-1', '0-1'])(
    '%s is ignored',
    async (range) => {
      const { status, body } = await get({ range });
      expect([status, body.length]).toEqual([200, size()]);
    },
  );

  it('goes on under a fresh token where the old one stopped', async () => {
    const first = await get({ range: 'bytes=0-49999' });
    const fresh = await mint(server, admin, published.product, { version: '1.0.0' });
    const rest = await get({ range: 'bytes=50000-', 'if-range': etag }, fresh);
    expect(rest.status).toBe(206);
    expect(Buffer.concat([first.body, rest.body]).equals(whole)).toBe(true);
  });

  it('is not given to whom has another version: If-Range', async () => {
    expect((await get({ range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
    for (const other of ['"other"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT']) {
      const { status, body } = await get({ range: 'bytes=0-9', 'if-range': other });
      expect([status, body.length]).toEqual([200, size()]);
    }
  });

  it('is nothing where the client has it: If-None-Match', async () => {
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const { status, headers, body } = await get({ 'if-none-match': tag });
      expect([status, headers['etag'], body.length]).toEqual([304, etag, 0]);
    }
    expect((await get({ 'if-none-match': '"x"' })).status).toBe(200);
  });
});

describe('a token', () => {
  it.each([
    ['none', '', { token: ['is_blank'] }, 400],
    ['an empty one', '?token=', { token: ['is_blank'] }, 400],
    ['one given twice', `?token=${'a'.repeat(64)}&token=${'a'.repeat(64)}`, { token: ['invalid_format'] }, 400],
    ['an unknown one', `?token=${'a'.repeat(64)}`, { token: ['not_found'] }, 404],
  ])('%s', async (_name, query, error, status) => {
    for (const path of ['/download', '/download/archive', '/download/manifest', `/download/packs/${'a'.repeat(64)}`]) {
      const answer = await server.client.get(path + query);
      expect([answer.status, answer.json]).toEqual([status, { error }]);
    }
  });

  it('is the only parameter that counts', async () => {
    const { status } = await server.client.get(`/download/archive?utm_source=mail&token=${token}&x=%zz&x=1`);
    expect(status).toBe(200);
  });
});
