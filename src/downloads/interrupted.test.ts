import { randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, get as request } from 'node:http';
import { Readable, Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BlobStoreUnavailable } from '../blobs/store.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const SIZE = 12 * 1024 * 1024;
let broken: 'no' | 'at once' | 'midway' = 'no';
let begun = false;
let log = '';
let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  server = await startTestServer({
    deps: (real) => {
      // No `open`: like remote storage, it is read through `read` alone.
      const { put, readBuffer, size, delete: remove, list, sweep, check } = real.blobs;
      const read: typeof real.blobs.read = async (key, range) => {
        const stream = await real.blobs.read(key, range);
        if (broken === 'no' || !key.startsWith('packs/')) return stream;
        stream.destroy();
        return Readable.from(failing());
      };
      return {
        ...real,
        log: pino({ level: 'error' }, sink),
        blobs: { put, read, readBuffer, size, delete: remove, list, sweep, check },
      };
    },
  });
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin, { files: { 'big.bin': randomBytes(SIZE) } });
});
afterAll(() => server.stop());

async function* failing(): AsyncGenerator<Buffer> {
  if (broken === 'midway' && !begun) yield Buffer.alloc(64 * 1024);
  begun = true;
  throw new BlobStoreUnavailable({ cause: new Error('the disk is gone') });
}

/** How the answer ended: `complete` only when as many bytes came as were announced. */
function fetchAll(path: string, token: string, stopAfter = Number.POSITIVE_INFINITY) {
  return new Promise<{ status: number; bytes: number; complete: boolean; headers: IncomingHttpHeaders }>(
    (resolve, reject) => {
      const sent = request(
        `${server.url}${path}?token=${token}`,
        { agent: false, headers: { 'user-agent': 'cut' } },
        (response) => {
          let bytes = 0;
          const { statusCode: status = 0, headers } = response;
          const done = () => resolve({ status, bytes, complete: response.complete, headers });
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes >= stopAfter) response.destroy();
          });
          response.once('close', done).once('error', () => undefined);
        },
      );
      sent.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' ? resolve({ status: 0, bytes: 0, complete: false, headers: {} }) : reject(error),
      );
    },
  );
}

const newest = async () => (await server.client.get('/api/downloads/sessions?limit=1', { as: admin.apiKey })).json[0];

describe.each(['archive', 'pack'])('a client that goes away in the middle of the %s', (kind) => {
  const path = () => (kind === 'archive' ? '/download/archive' : `/download/packs/${published.pack.sha256}`);

  it('leaves its session open, with the bytes that went out, and can go on', async () => {
    broken = 'no';
    log = '';
    const token = await mint(server, admin, published.product, { maxDownloads: 1 });
    const { complete } = await fetchAll(path(), token, 256 * 1024);
    expect(complete).toBe(false);
    await expect.poll(async () => (await newest()).bytesSent, { timeout: 5000 }).toBeGreaterThan(0);
    const session = await newest();
    expect(session).toMatchObject({ status: 'started', userAgent: 'cut' });
    expect(session.bytesSent).toBeLessThan(session.totalBytes);
    const again = await fetchAll(path(), token);
    expect([again.status, again.complete]).toEqual([200, true]);
    await expect.poll(async () => (await newest()).status, { timeout: 5000 }).toBe('completed');
    expect((await newest()).id).toBe(session.id);
    expect(log).not.toContain('internal_server_error');
    expect(log).not.toContain('unavailable');
  });

  it('is told by a cut connection when the storage fails midway, never by a short 200', async () => {
    const token = await mint(server, admin, published.product);
    [broken, begun, log] = ['midway', false, ''];
    const { status, complete } = await fetchAll(path(), token);
    broken = 'no';
    expect([status, complete]).toEqual([200, false]);
    await expect.poll(() => log).toContain('the disk is gone');
    expect((await server.client.get('/ping')).status).toBe(200);
  });

  it('is told by 503 when the storage fails before the first byte', async () => {
    const token = await mint(server, admin, published.product);
    [broken, begun, log] = ['at once', false, ''];
    const { status, complete, headers } = await fetchAll(path(), token);
    broken = 'no';
    expect([status, complete, headers['content-type']]).toEqual([503, true, 'application/json']);
    for (const name of ['etag', 'accept-ranges', 'content-range', 'content-disposition'])
      expect(headers).not.toHaveProperty(name);
    await expect.poll(() => log).toMatch(/the disk is gone.*unavailable/s);
  });
});
