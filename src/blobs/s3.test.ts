import * as fs from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBlobStore } from './open.ts';
import { BlobStoreFull, BlobStoreUnavailable } from './store.ts';
import { describeBlobStore, inChunks, noise } from './store_suite.ts';

const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
let directory: string;
let server: S3rver;
let endpoint: string;

beforeAll(async () => {
  directory = await fs.mkdtemp(join(tmpdir(), 's3-'));
  const configureBuckets = [{ name: 'packs' }];
  server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets });
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
});
afterAll(async () => {
  await server.close();
  await fs.rm(directory, { recursive: true, force: true });
});

describe('blobs in S3', () => {
  describeBlobStore(() => openBlobStore('s3://packs/some/prefix/', { dataDir: '', endpoint, credentials }));

  it('works without a prefix', async () => {
    const store = openBlobStore('s3://packs', { dataDir: '', endpoint, credentials });
    await store.put('archives/1', inChunks(noise(1)), { maxSize: 1 });
    const listed: string[] = [];
    for await (const { key } of store.list('archives/')) listed.push(key);
    expect(listed).toEqual(['archives/1']);
  });

  it('does not take a missing bucket for a missing blob', async () => {
    const store = openBlobStore('s3://nowhere', { dataDir: '', endpoint, credentials });
    await expect(store.readBuffer('archives/1')).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(store.check()).rejects.toThrow();
  });
});

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Announced, where it is not what is sent. */
  readonly size?: number;
}

describe('an S3 server in trouble', () => {
  let troubled: Server;
  afterEach(() => troubled.close());

  async function storeAgainst(answer: (count: number, url: string) => Answer | undefined) {
    let count = 0;
    troubled = createServer((request, response) => {
      const given = answer(++count, request.url ?? '');
      if (!given) return void request.socket.destroy();
      const { status, body, size } = given;
      const headers = { connection: 'close', ...(size && { 'content-length': size }) };
      request.resume().on('end', () => {
        response.writeHead(status, headers);
        if (size) response.write(body, () => request.socket.destroy());
        else response.end(body);
      });
    });
    await new Promise<void>((resolve) => troubled.listen(0, '127.0.0.1', resolve));
    const { port } = troubled.address() as AddressInfo;
    const store = openBlobStore('s3://packs', { dataDir: '', endpoint: `http://127.0.0.1:${port}`, credentials });
    return { store, count: () => count };
  }

  it.each([
    [507, ''],
    [400, '<Error><Code>XMinioStorageFull</Code></Error>'],
    [403, '<Error><Code>QuotaExceeded</Code></Error>'],
  ])('is full on %i %s', async (status, body) => {
    const { store } = await storeAgainst(() => ({ status, body }));
    const put = store.put('archives/1', inChunks(noise(1)), { maxSize: 1 });
    await expect(put).rejects.toBeInstanceOf(BlobStoreFull);
  });

  it.each([
    ['500', { status: 500, body: '' }],
    ['503', { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }],
    ['a cut connection', undefined],
  ])('is unavailable, whatever was asked, on %s', { timeout: 30_000 }, async (_name, answer) => {
    const { store } = await storeAgainst(() => answer);
    const list = async () => {
      for await (const blob of store.list('archives/')) throw new Error(`found ${blob.key}`);
    };
    const asked = [
      store.put('archives/1', inChunks(noise(1)), { maxSize: 1 }),
      store.read('archives/1'),
      store.size('archives/1'),
      store.delete('archives/1'),
      list(),
      store.check(),
    ];
    for (const { status, reason } of (await Promise.allSettled(asked)) as PromiseRejectedResult[])
      expect([status, reason?.name]).toEqual(['rejected', 'BlobStoreUnavailable']);
  });

  it('is unavailable when it breaks off within a blob', async () => {
    const { store } = await storeAgainst(() => ({ status: 200, body: 'abc', size: 9 }));
    await expect(store.readBuffer('archives/1')).rejects.toBeInstanceOf(BlobStoreUnavailable);
  });

  it('is unavailable when nobody listens', async () => {
    const { store } = await storeAgainst(() => undefined);
    await new Promise((resolve) => troubled.close(resolve));
    await expect(store.size('archives/1')).rejects.toBeInstanceOf(BlobStoreUnavailable);
  });

  it('is asked again after a 503', async () => {
    const { store, count } = await storeAgainst((n) => ({ status: n < 3 ? 503 : 200, body: '' }));
    await store.put('archives/1', inChunks(noise(1)), { maxSize: 1 });
    expect(count()).toBe(3);
  });

  // s3rver makes its continuation tokens with a cipher that today's OpenSSL no longer has.
  it('lists page after page', async () => {
    const contents = (id: number) => `<Contents><Key>archives/${id}</Key><Size>${id}</Size></Contents>`;
    const page = (rest: string) => `<ListBucketResult>${rest}</ListBucketResult>`;
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>t2</NextContinuationToken>';
    const { store } = await storeAgainst((_, url) => ({
      status: 200,
      body: url.includes('continuation-token=t2') ? page(contents(2)) : page(more + contents(1)),
    }));
    const listed: unknown[] = [];
    for await (const blob of store.list('archives/')) listed.push(blob);
    expect(listed).toEqual([
      { key: 'archives/1', size: 1 },
      { key: 'archives/2', size: 2 },
    ]);
  });
});
