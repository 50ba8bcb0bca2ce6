import { createHash } from 'node:crypto';
import { writeFileSync as writeSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Manifest } from '../manifests/manifest.ts';
import { type FakeServer, startFakeServer } from './fake_server.ts';
import { type PublishOptions, publish } from './publish.ts';

let folder: string;
let server: FakeServer;
let waits: number[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'publish-'));
  server = await startFakeServer();
  waits = [];
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function bytes(length: number, seed: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let at = 0, x = seed; at + 4 <= length; at += 4) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
    buffer.writeUInt32LE(x, at);
  }
  return buffer;
}

async function write(files: Record<string, Buffer>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

const KIT = {
  'big.wav': bytes(20_000_000, 1),
  'empty.txt': Buffer.alloc(0),
  'läuft/ünï.txt': Buffer.from('é'),
  'small/a': bytes(100_000, 2),
  'small/b': bytes(100_000, 3),
  'small/copy of a': bytes(100_000, 2),
};

function run(options: Partial<PublishOptions> = {}) {
  const wait = async (ms: number): Promise<void> => void waits.push(ms);
  return publish({ folder, product: 'kit', version: '1.0.0', url: server.url, apiKey: 'ct_x', wait, ...options });
}

/** Buffers of megabytes are compared by hash: vitest compares them element by element. */
function hashes(files: Record<string, Buffer>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, sha256(content)]));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function unpack(manifest: Manifest | undefined): Record<string, string> {
  const files: Record<string, Buffer> = {};
  for (const { path, segments } of manifest?.files ?? []) {
    const slices = segments.map(({ pack, offset, length }) =>
      server.packs.get(manifest?.packs[pack]?.sha256 ?? '')?.subarray(offset, offset + length),
    );
    files[path] = Buffer.concat(slices.filter((slice) => slice !== undefined));
  }
  return hashes(files);
}

test('publishes a folder that can be put together again', async () => {
  await write({ ...KIT, '.DS_Store': Buffer.from('x') });
  await mkdir(join(folder, 'nothing in it'));
  const done = await run({ activate: true });
  expect(done).toMatchObject({ status: 'ready', files: 6, bytes: 20_300_002, packsUploaded: 3, activated: true });
  expect(done).toMatchObject({ vendorId: 'org', active: true, productCreated: true, junk: 1, emptyFolders: 1 });
  expect(unpack(server.manifests[0])).toEqual(hashes(KIT));
});

test('a new version with one small change uploads one small pack', async () => {
  await write(KIT);
  await run();
  await write({ 'small/b': bytes(100_001, 9) });
  const done = await run({ version: '1.0.1' });
  expect(done).toMatchObject({ packsUploaded: 1, active: false });
  expect(done.bytesUploaded).toBeLessThan(8_000_000);
  expect(unpack(server.manifests[1])).toEqual(hashes({ ...KIT, 'small/b': bytes(100_001, 9) }));
});

test('the same content again is said to be published; other content under the number is refused', async () => {
  await write(KIT);
  await run();
  expect(await run()).toMatchObject({ alreadyPublished: true, packsUploaded: 0, activated: false, active: false });
  const again = { alreadyPublished: true, packsUploaded: 0, active: true };
  expect(await run({ activate: true })).toMatchObject({ ...again, activated: true });
  expect(await run()).toMatchObject({ ...again, activated: false });
  await write({ 'small/b': bytes(7, 7) });
  await expect(run()).rejects.toThrow('choose another version number');
});

test('a connection cut within a pack is tried again', async () => {
  await write(KIT);
  let cuts = 2;
  server.intercept = (request) => {
    if (request.method !== 'PUT' || cuts-- <= 0) return false;
    request.once('data', () => request.socket.destroy());
    return true;
  };
  expect(await run()).toMatchObject({ status: 'ready', packsUploaded: 3 });
  expect(waits).toContain(250);
  expect(unpack(server.manifests[0])).toEqual(hashes(KIT));
});

test('503 is tried again after what Retry-After asks', async () => {
  await write(KIT);
  let refusals = 1;
  server.intercept = (request, response) => {
    if (request.method !== 'PUT' || refusals-- <= 0) return false;
    request.resume();
    response.writeHead(503, { 'retry-after': '7' }).end('{"error":{"generic":["unavailable"]}}');
    return true;
  };
  await run();
  expect(waits).toContain(7_000);
});

test('a run after one that was stopped sends only what is missing', async () => {
  await write(KIT);
  const stop = new AbortController();
  let puts = 0;
  server.intercept = (request) => {
    if (request.method !== 'PUT' || ++puts < 3) return false;
    stopOnceStored();
    return true;
  };
  // The first two packs may still be on their way while the third one waits for its answer.
  const stopOnceStored = (): void => {
    if (server.packs.size < 2) setImmediate(stopOnceStored);
    else stop.abort(new Error('stopped'));
  };
  await expect(run({ signal: stop.signal })).rejects.toThrow('stopped');
  server.intercept = () => false;
  const done = await run();
  expect(done).toMatchObject({ packsUploaded: 1, active: false });
  expect(unpack(server.manifests[0])).toEqual(hashes(KIT));
});

test('a server that stays away is named, with what to do', async () => {
  await write({ a: bytes(8, 1) });
  await server.close();
  await expect(run()).rejects.toThrow(/cannot be reached \(ECONNREFUSED\).*run the command again/);
  server = await startFakeServer();
});

test('error codes are told in words', async () => {
  await write({ a: bytes(8, 1) });
  server.intercept = (_, response) => {
    response.writeHead(401).end('{"error":{"generic":["unauthorized"]}}');
    return true;
  };
  await expect(run()).rejects.toMatchObject({ status: 401, message: expect.stringContaining('CONTINUITY_API_KEY') });
});

test('a failed verification lists its reasons', async () => {
  await write({ a: bytes(8, 1) });
  server.failures = [{ path: 'a', code: 'hash_mismatch' }];
  await expect(run()).rejects.toThrow('a: hash_mismatch');
});

test('an empty folder, links and names that only one system can write are refused by name', async () => {
  await expect(run()).rejects.toThrow('holds no files');
  await write({ Read: bytes(1, 1), read: bytes(1, 1), 'CON.txt': bytes(1, 1) });
  await symlink('Read', join(folder, 'link'));
  await expect(run()).rejects.toThrow(/link" is a symbolic link/);
  await expect(run()).rejects.toThrow(/"CON.txt" has a part that is the name of a Windows device/);
  await expect(run()).rejects.toThrow(/Read and read are one name/);
  expect(server.requests).toEqual([]);
});

test('a file that grows while it is read stops the publication', async () => {
  await write({ a: bytes(8, 1) });
  server.intercept = () => {
    writeSync(join(folder, 'a'), bytes(9, 1));
    return false;
  };
  await expect(run()).rejects.toThrow('a changed while it was being read');
  expect(server.manifests).toEqual([]);
});
