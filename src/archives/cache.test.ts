import { describe, expect, it } from 'vitest';
import { BlobMissing, type BlobStore } from '../blobs/store.ts';
import { createArchiveCache } from './cache.ts';
import { encodeIndex } from './encode.ts';

function countingStore(files = 1) {
  const manifestFiles = Array.from({ length: files }, (_, i) => ({ path: `f${i}`, size: 0, sha256: '', segments: [] }));
  const encoded = encodeIndex({ v: 3, packs: [], files: manifestFiles }, new Uint32Array(files));
  const loads: string[] = [];
  const blobs = {
    async readBuffer(key: string) {
      loads.push(key);
      if (key === 'archives/404') throw new BlobMissing(key);
      return encoded;
    },
  } as unknown as BlobStore;
  return { blobs, loads, bytes: encoded.length };
}

describe('the archive cache', () => {
  it('loads once however many ask at once, and later not at all', async () => {
    const { blobs, loads } = countingStore();
    const cache = createArchiveCache(blobs);
    const [a, b] = await Promise.all([cache.get('1'), cache.get('1')]);
    expect(a).toBe(b);
    expect(await cache.get('1')).toBe(a);
    expect(loads).toEqual(['archives/1']);
  });

  it('lets go of what was not used for longest', async () => {
    const { blobs, loads, bytes } = countingStore();
    const cache = createArchiveCache(blobs, 2 * bytes);
    for (const id of ['1', '2', '1', '3', '1', '2']) await cache.get(id);
    expect(loads).toEqual(['archives/1', 'archives/2', 'archives/3', 'archives/2']);
  });

  it('serves what is larger than itself without keeping it', async () => {
    const { blobs, loads, bytes } = countingStore();
    const cache = createArchiveCache(blobs, bytes - 1);
    await cache.get('1');
    await cache.get('1');
    expect(loads).toHaveLength(2);
  });

  it('does not remember a failure', async () => {
    const { blobs, loads } = countingStore();
    const cache = createArchiveCache(blobs);
    await expect(cache.get('404')).rejects.toBeInstanceOf(BlobMissing);
    await expect(cache.get('404')).rejects.toBeInstanceOf(BlobMissing);
    expect(loads).toHaveLength(2);
  });
});
