import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFolderStore, type FolderStore } from '../blobs/folder.ts';
import { packKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { noise } from '../blobs/store_suite.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { manifestOf, ORG, sha256, storePacks } from './fixtures.ts';
import { MAX_FAILURES, verifyManifest } from './verify.ts';

const MIB = 1024 * 1024;
const packs = [noise(5 * MIB, 1), noise(MIB, 2)];
const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = packs;
const slice = (pack: number, offset: number, length: number) => ({ pack, offset, length });
let root: string;
let store: FolderStore;
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'verify-'));
  store = createFolderStore(root);
  await storePacks(store, packs);
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

const verify = (manifest: Manifest, blobs: BlobStore = store) => verifyManifest({ manifest, orgId: ORG, blobs });

function countingReads(): { blobs: BlobStore; bytes: () => number; reads: () => number } {
  let bytes = 0;
  let reads = 0;
  const blobs: BlobStore = {
    ...store,
    readBuffer(key, range = { start: 0, end: 0 }) {
      reads++;
      bytes += range.end - range.start;
      return store.readBuffer(key, range);
    },
  };
  return { blobs, bytes: () => bytes, reads: () => reads };
}

describe('verifying a manifest', () => {
  it('reads each slice once, whoever else refers to it', async () => {
    const manifest = manifestOf(packs, [
      { path: 'b', segments: [slice(1, 0, MIB)] },
      { path: 'a', segments: [slice(0, 0, 5 * MIB), slice(1, 0, MIB)] },
      { path: 'same as a', segments: [slice(0, 0, 5 * MIB), slice(1, 0, MIB)] },
      { path: 'empty', segments: [] },
      { path: 'also empty', segments: [] },
    ]);
    const { blobs, bytes } = countingReads();
    const progress: number[] = [];
    const onProgress = (done: number, total: number) => progress.push(done / total);
    const result = await verifyManifest({ manifest, orgId: ORG, blobs, onProgress });
    expect(result.ok).toBe(true);
    expect(bytes()).toBe(6 * MIB);
    expect(progress.at(-1)).toBe(1);
  });

  it('fetches a pack once that is referenced over and over', async () => {
    const segments = Array.from({ length: 500 }, () => slice(1, 0, MIB / 4));
    const { blobs, reads } = countingReads();
    expect((await verify(manifestOf(packs, [{ path: 'sparse', segments }]), blobs)).ok).toBe(true);
    expect(reads()).toBe(1);
  });

  it('bridges gaps between small files, but does not read a pack for a few bytes of it', async () => {
    const near = manifestOf(
      packs,
      Array.from({ length: 200 }, (_, i) => ({ path: `${i}`, segments: [slice(0, i * 600, 500)] })),
    );
    const far = manifestOf(
      packs,
      [0, 1, 2].map((i) => ({ path: `${i}`, segments: [slice(0, i * 2 * MIB, 10)] })),
    );
    const [close, apart] = [countingReads(), countingReads()];
    await verify(near, close.blobs);
    expect(close.reads()).toBe(1);
    await verify(far, apart.blobs);
    expect(apart.bytes()).toBe(30);
  });

  it('names each file whose content is not what it says, copies included', async () => {
    const manifest = manifestOf(packs, [
      { path: 'good', segments: [slice(0, 0, 100)] },
      { path: 'bad', segments: [slice(0, 100, 100)] },
      { path: 'bad too', segments: [slice(0, 100, 100)] },
      { path: 'empty', segments: [] },
    ]);
    for (const file of manifest.files.slice(1)) file.sha256 = sha256(second);
    expect(await verify(manifest)).toEqual({
      ok: false,
      failures: ['empty', 'bad', 'bad too'].map((path) => ({ path, code: 'hash_mismatch' })),
    });
  });

  it('checks equal hashes made of other slices on their own', async () => {
    const manifest = manifestOf(packs, [
      { path: 'a', segments: [slice(0, 0, 100)] },
      { path: 'z', segments: [slice(0, 100, 100)] },
    ]);
    const [a, z] = manifest.files;
    if (a && z) z.sha256 = a.sha256;
    expect(await verify(manifest)).toEqual({ ok: false, failures: [{ path: 'z', code: 'hash_mismatch' }] });
  });

  it('names missing packs and packs of another size', async () => {
    const manifest = manifestOf([noise(9, 9), first], []);
    const [, known] = manifest.packs;
    if (known) known.size -= 1;
    expect(await verify(manifest)).toEqual({
      ok: false,
      failures: [
        { pack: sha256(noise(9, 9)), code: 'pack_missing' },
        { pack: sha256(first), code: 'pack_size_mismatch' },
      ],
    });
  });

  it("does not see another organisation's packs", async () => {
    const result = await verifyManifest({ manifest: manifestOf(packs, []), orgId: 'other', blobs: store });
    expect(result).toMatchObject({ ok: false, failures: [{ code: 'pack_missing' }, { code: 'pack_missing' }] });
  });

  it('notices a stored pack whose bytes changed, or that vanished meanwhile', async () => {
    const spoilt = createFolderStore(join(root, 'spoilt'));
    await storePacks(spoilt, packs);
    const manifest = manifestOf(packs, [{ path: 'a', segments: [slice(0, 0, 100)] }]);
    const hash = sha256(first);
    await fs.writeFile(join(root, 'spoilt/packs', ORG, hash.slice(0, 2), hash), Buffer.alloc(first.length));
    expect(await verify(manifest, spoilt)).toEqual({ ok: false, failures: [{ path: 'a', code: 'hash_mismatch' }] });
    const vanishing = { ...spoilt, size: (key: string) => store.size(key) };
    await spoilt.delete(packKey(ORG, hash));
    expect(await verify(manifest, vanishing)).toEqual({ ok: false, failures: [{ pack: hash, code: 'pack_missing' }] });
  });

  it('refuses segments outside of their pack, and sizes that do not add up', async () => {
    const good = manifestOf(packs, [{ path: 'x', segments: [slice(0, 0, 100)] }]);
    const [file] = good.files;
    if (!file) throw new Error('no file');
    const spoil = async (change: Partial<typeof file>) => verify({ ...good, files: [{ ...file, ...change }] });
    const outside = { ok: false, failures: [{ path: 'x', code: 'segment_out_of_range' }] };
    expect(await spoil({ segments: [slice(0, 5 * MIB - 99, 100)] })).toEqual(outside);
    expect(await spoil({ segments: [slice(2, 0, 100)] })).toEqual(outside);
    expect(await spoil({ segments: [slice(0, -1, 100)] })).toEqual(outside);
    expect(await spoil({ size: 101 })).toEqual({ ok: false, failures: [{ path: 'x', code: 'size_mismatch' }] });
  });

  it('stops after so many failures', async () => {
    const recipes = Array.from({ length: 50 }, (_, i) => ({ path: `${i}`, segments: [slice(0, i, 100)] }));
    const manifest = manifestOf(packs, recipes);
    for (const file of manifest.files) file.sha256 = sha256(second);
    const result = await verify(manifest);
    expect(!result.ok && result.failures.length).toBe(MAX_FAILURES);
  });

  it('rejects when the storage fails, which is no fault of the manifest', async () => {
    const broken = { ...store, readBuffer: () => Promise.reject(new Error('I/O')) };
    await expect(verify(manifestOf(packs, [{ path: 'a', segments: [slice(0, 0, 9)] }]), broken)).rejects.toThrow('I/O');
  });
});
