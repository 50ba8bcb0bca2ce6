import * as fs from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFolderStore, type FolderStore } from '../blobs/folder.ts';
import { packKey } from '../blobs/keys.ts';
import { BlobMismatch, BlobMissing, type BlobStore } from '../blobs/store.ts';
import { noise } from '../blobs/store_suite.ts';
import { manifestOf, ORG, poured, sha256, storePacks } from './fixtures.ts';
import { openIndex } from './layout.ts';
import { type Archive, openArchive } from './serve.ts';
import { verifyManifest } from './verify.ts';

const MIB = 1024 * 1024;
const packs = [noise(3 * MIB, 1), noise(3 * MIB, 2), noise(100_000, 3)];
/** Large files over two packs, and many small ones from the third with gaps between them, not all in order. */
const recipes = [
  { path: 'large', segments: [0, 1].map((pack) => ({ pack, offset: 7, length: 3 * MIB - 7 })) },
  ...Array.from({ length: 300 }, (_, i) => ({
    path: `small/${String(i).padStart(3, '0')}`,
    segments: [{ pack: 2, offset: (i % 290) * 300, length: 250 }],
  })),
];
let root: string;
let expected: Buffer;
let index: ReturnType<typeof openIndex>;

beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'serve-'));
  const store = await freshStore('expected');
  const manifest = manifestOf(packs, recipes);
  const verified = await verifyManifest({ manifest, orgId: ORG, blobs: store });
  if (!verified.ok) throw new Error(JSON.stringify(verified.failures));
  index = openIndex(verified.index);
  expected = await poured(openArchive(index, store, ORG));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

async function freshStore(name: string): Promise<FolderStore> {
  const store = createFolderStore(join(root, name));
  await storePacks(store, packs);
  return store;
}

function remote(folder: FolderStore): BlobStore {
  const { open: _open, ...rest } = folder;
  return rest;
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Counts the files that are open. */
function countOpen(store: FolderStore): { store: FolderStore; open: () => number } {
  let open = 0;
  const counting: FolderStore = {
    ...store,
    async open(key) {
      const handle = await store.open(key);
      open++;
      const close = handle.close.bind(handle);
      handle.close = async () => {
        await close();
        open--;
      };
      return handle;
    },
  };
  return { store: counting, open: () => open };
}

const kinds: [string, (store: FolderStore) => BlobStore][] = [
  ['folder', (store) => store],
  ['remote', remote],
];

describe.each(kinds)('an archive from a %s', (kind, view) => {
  it('pours the bytes of a range, at the pace of its reader', async () => {
    const archive = openArchive(index, view(await freshStore(`same-${kind}`)), ORG);
    const taken: Buffer[] = [];
    let told = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk, _encoding, done) {
        // What is copied only now would show a buffer that was used again too early.
        setImmediate(() => {
          taken.push(Buffer.from(chunk));
          done();
        });
      },
    });
    const count = await archive.pour(slow, 11, archive.size, (bytes) => {
      told += bytes;
    });
    expect(count).toBe(archive.size - 11);
    expect(told).toBe(count);
    expect(sha256(Buffer.concat(taken))).toBe(sha256(expected.subarray(11)));
  });

  it.each([
    ['goes missing', (path: string) => fs.rm(path), BlobMissing],
    ['is cut', (path: string) => fs.truncate(path, MIB), BlobMismatch],
  ])('fails, never ends early, when a pack %s', async (what, spoil, error) => {
    const name = `${kind}-${what.replaceAll(' ', '-')}`;
    const store = await freshStore(name);
    const hash = sha256(packs[1] ?? expected);
    await spoil(join(root, name, 'packs', ORG, hash.slice(0, 2), hash));
    expect(await store.size(packKey(ORG, hash))).not.toBe(3 * MIB);
    const archive = openArchive(index, view(store), ORG);
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    await expect(archive.pour(sink, 0, archive.size)).rejects.toBeInstanceOf(error);
  });
});

describe.each(kinds)('an archive from a %s whose packs are gone', (kind, view) => {
  const gone = () => openArchive(index, view(createFolderStore(join(root, `gone-${kind}`))), ORG);

  it('leaves the sink alone when it fails before the first byte', async () => {
    // The first bytes are a local header, which no pack holds.
    const taken: Buffer[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        taken.push(chunk);
        done();
      },
    });
    await expect(gone().pour(sink, 1_000, index.archiveSize)).rejects.toBeInstanceOf(BlobMissing);
    expect([sink.destroyed, taken.length]).toEqual([false, 0]);
  });

  it.each(['destroyed', 'ended'])('reads nothing for a sink that is %s already', async (state) => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    if (state === 'ended') sink.end();
    else sink.destroy();
    // A read that nobody waits for would be an unhandled rejection, which fails the run.
    expect(await gone().pour(sink, 1_000, index.archiveSize)).toBe(0);
  });
});

describe('an archive from a folder', () => {
  it('closes its files at the end, and when its reader goes away', async () => {
    const { store, open } = countOpen(await freshStore('closing'));
    const archive = openArchive(index, store, ORG);
    await poured(archive);
    expect(open()).toBe(0);
    const leaving = new Writable({
      write(_chunk, _encoding, done) {
        this.destroy();
        done();
      },
    });
    expect(await archive.pour(leaving, 0, archive.size)).toBeLessThan(archive.size);
    expect(open()).toBe(0);
  });
});

describe('over HTTP', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function request(archive: Archive, onPoured: (count: Promise<number>) => void): Promise<IncomingMessage> {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-length': archive.size, connection: 'close' });
      const pouring = archive.pour(response, 0, archive.size);
      onPoured(pouring);
      pouring.then(
        () => response.end(),
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => get({ port, host: '127.0.0.1' }, resolve).on('error', reject));
  }

  it.each(kinds)('arrives whole from a %s', async (kind, view) => {
    const archive = openArchive(index, view(await freshStore(`http-${kind}`)), ORG);
    const response = await request(archive, () => {});
    expect(sha256(await bytesOf(response))).toBe(sha256(expected));
  });

  it.each(kinds)('waits for a slow reader, and stops when it goes away (%s)', async (kind, view) => {
    const { store, open } = countOpen(await freshStore(`abort-${kind}`));
    // Long enough not to fit into socket buffers.
    const long = openIndex(await longIndex(store));
    let pouring: Promise<number> = Promise.resolve(-1);
    const response = await request(openArchive(long, view(store), ORG), (count) => {
      pouring = count;
    });
    await new Promise((resolve) => response.once('readable', resolve));
    response.destroy();
    expect(await pouring).toBeLessThan(long.archiveSize / 2);
    expect(open()).toBe(0);
  });

  it('is a broken connection, not a short file, when a pack is missing', async () => {
    const store = await freshStore('http-missing');
    await store.delete(packKey(ORG, sha256(packs[1] ?? expected)));
    const response = await request(openArchive(index, store, ORG), (count) => count.catch(() => {}));
    await expect(bytesOf(response)).rejects.toThrow('aborted');
  });
});

async function longIndex(store: FolderStore): Promise<Buffer> {
  const segments = Array.from({ length: 40 }, (_, i) => ({ pack: i % 2, offset: 0, length: 3 * MIB }));
  const verified = await verifyManifest({
    manifest: manifestOf(packs, [{ path: 'long', segments }]),
    orgId: ORG,
    blobs: store,
  });
  if (!verified.ok) throw new Error('not verified');
  return verified.index;
}

describe('a remote storage in trouble', () => {
  it('is asked again from where it broke', async () => {
    const store = await freshStore('flaky');
    const ranges: { start: number; end: number }[] = [];
    const flaky: BlobStore = {
      ...remote(store),
      async read(key, range = { start: 0, end: 0 }) {
        ranges.push(range);
        const bytes = await store.readBuffer(key, range);
        async function* breaking() {
          yield bytes.subarray(0, MIB);
          if (bytes.length > MIB) throw new Error('connection reset');
        }
        return Readable.from(breaking());
      },
    };
    const archive = openArchive(index, flaky, ORG);
    expect(sha256(await poured(archive))).toBe(sha256(expected));
    expect(ranges.filter(({ end }) => end === 3 * MIB)).toHaveLength(6);
  });

  it('ends the download when nothing comes any more', async () => {
    let reads = 0;
    const dead: BlobStore = {
      ...remote(await freshStore('dead')),
      async read() {
        reads++;
        throw new Error('connection refused');
      },
    };
    await expect(poured(openArchive(index, dead, ORG), 0, 1_000)).rejects.toThrow('refused');
    expect(reads).toBe(3);
  });

  it('costs few requests for many small files', async () => {
    const store = await freshStore('few');
    let reads = 0;
    const counting: BlobStore = {
      ...remote(store),
      read(key, range) {
        reads++;
        return store.read(key, range);
      },
    };
    const archive = openArchive(index, counting, ORG);
    await poured(archive);
    expect(reads).toBe(4);
  });
});
