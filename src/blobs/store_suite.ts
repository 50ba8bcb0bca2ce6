import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { manifestKey, packKey } from './keys.ts';
import { BlobMismatch, BlobMissing, type BlobStore, BlobTooLarge } from './store.ts';

const MAX = 16 * 1024 * 1024;

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Deterministic bytes that no two seeds share. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed * 2_654_435_761;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function* inChunks(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function keysOf(store: BlobStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
}

/** What every blob store does, whatever it is made of. Each test has an organisation of its own. */
export function describeBlobStore(open: () => BlobStore): void {
  it('gives back what was put, whole and in ranges', async () => {
    const store = open();
    const bytes = noise(2_500_000);
    const key = packKey('org-a', sha256(bytes));
    const stored = await store.put(key, inChunks(bytes), { sha256: sha256(bytes), size: bytes.length, maxSize: MAX });
    expect(stored).toEqual({ sha256: sha256(bytes), size: bytes.length });
    expect(await store.size(key)).toBe(bytes.length);
    expect(sha256(await store.readBuffer(key))).toBe(sha256(bytes));
    const range = { start: 1_048_575, end: 2_097_154 };
    expect(sha256(await store.readBuffer(key, range))).toBe(sha256(bytes.subarray(range.start, range.end)));
    const streamed: Buffer[] = [];
    for await (const chunk of await store.read(key, range)) streamed.push(chunk);
    expect(sha256(Buffer.concat(streamed))).toBe(sha256(bytes.subarray(range.start, range.end)));
  });

  it('keeps an empty blob and gives empty ranges', async () => {
    const store = open();
    const key = packKey('org-empty', sha256(Buffer.alloc(0)));
    await store.put(key, inChunks(Buffer.alloc(0)), { maxSize: 0 });
    expect(await store.size(key)).toBe(0);
    expect(await store.readBuffer(key)).toHaveLength(0);
    expect(await store.readBuffer(key, { start: 0, end: 0 })).toHaveLength(0);
  });

  it.each([
    ['another hash', { sha256: sha256(noise(10, 9)), maxSize: MAX }, BlobMismatch],
    ['fewer bytes', { size: 100_001, maxSize: MAX }, BlobMismatch],
    ['more bytes', { size: 99_999, maxSize: MAX }, BlobMismatch],
    ['more bytes than allowed', { maxSize: 99_999 }, BlobTooLarge],
  ])('refuses %s and stores nothing', async (name, expectation, error) => {
    const store = open();
    const bytes = noise(100_000, 2);
    const org = `refused-${name.replaceAll(' ', '-')}`;
    await expect(store.put(packKey(org, sha256(bytes)), inChunks(bytes), expectation)).rejects.toBeInstanceOf(error);
    expect(await keysOf(store, `packs/${org}/`)).toEqual([]);
  });

  it('says why a body was refused', async () => {
    const put = open().put(packKey('why', sha256(noise(5))), inChunks(noise(5)), { size: 6, maxSize: MAX });
    await expect(put).rejects.toMatchObject({ reason: 'size' });
  });

  it('checks the body of a repeated put and keeps what is there', async () => {
    const store = open();
    const bytes = noise(70_000, 3);
    const hash = sha256(bytes);
    const key = packKey('again', hash);
    const announced = { sha256: hash, size: bytes.length, maxSize: MAX };
    await store.put(key, inChunks(bytes), announced);
    await expect(store.put(key, inChunks(noise(70_000, 4)), announced)).rejects.toMatchObject({ reason: 'sha256' });
    expect(await store.put(key, inChunks(bytes), announced)).toEqual({ sha256: hash, size: bytes.length });
    expect(sha256(await store.readBuffer(key))).toBe(hash);
  });

  it('replaces what is not named by its content', async () => {
    const store = open();
    await store.put('archives/7', inChunks(noise(10, 1)), { maxSize: MAX });
    await store.put('archives/7', inChunks(noise(10, 2)), { maxSize: MAX });
    expect(await store.readBuffer('archives/7')).toEqual(noise(10, 2));
  });

  it('takes the same blob from many writers at once', async () => {
    const store = open();
    const bytes = noise(300_000, 5);
    const key = packKey('race', sha256(bytes));
    const expectation = { sha256: sha256(bytes), size: bytes.length, maxSize: MAX };
    await Promise.all(Array.from({ length: 8 }, () => store.put(key, inChunks(bytes), expectation)));
    expect(sha256(await store.readBuffer(key))).toBe(sha256(bytes));
    expect(await keysOf(store, 'packs/race/')).toEqual([key]);
  });

  it('stores nothing when the body breaks off', async () => {
    const store = open();
    async function* broken() {
      yield noise(100_000);
      throw new Error('cut');
    }
    await expect(store.put(packKey('cut', sha256(noise(1))), broken(), { maxSize: MAX })).rejects.toThrow('cut');
    expect(await keysOf(store, 'packs/cut/')).toEqual([]);
  });

  it('rejects reading what is missing or outside', async () => {
    const store = open();
    const bytes = noise(1_000);
    const key = packKey('outside', sha256(bytes));
    await expect(store.read(key)).rejects.toBeInstanceOf(BlobMissing);
    await expect(store.readBuffer(key, { start: 0, end: 1 })).rejects.toBeInstanceOf(BlobMissing);
    await expect(store.readBuffer(key, { start: 0, end: 0 })).rejects.toBeInstanceOf(BlobMissing);
    expect(await store.size(key)).toBeUndefined();
    await store.put(key, inChunks(bytes), { maxSize: MAX });
    await expect(store.read(key, { start: 500, end: 1_001 })).rejects.toBeInstanceOf(BlobMismatch);
    await expect(store.read(key, { start: 1_000, end: 1_001 })).rejects.toBeInstanceOf(BlobMismatch);
    await expect(store.readBuffer(key, { start: 1_001, end: 1_001 })).rejects.toBeInstanceOf(BlobMismatch);
  });

  it('lists by prefix with sizes, and deletes', async () => {
    const store = open();
    const keys: string[] = [];
    for (let i = 1; i <= 12; i++) {
      const bytes = noise(i, i);
      keys.push(packKey('listed', sha256(bytes)));
      await store.put(packKey('listed', sha256(bytes)), inChunks(bytes), { maxSize: MAX });
    }
    await store.put(manifestKey('listed', sha256(noise(3))), inChunks(noise(3)), { maxSize: MAX });
    await store.put(packKey('listed-too', sha256(noise(3))), inChunks(noise(3)), { maxSize: MAX });
    expect(await keysOf(store, 'packs/listed/')).toEqual([...keys].sort());
    const [first = ''] = keys;
    const narrow = first.slice(0, 'packs/listed/'.length + 3);
    expect(await keysOf(store, narrow)).toEqual(keys.filter((key) => key.startsWith(narrow)).sort());
    await store.delete(first);
    await store.delete(first);
    expect(await keysOf(store, 'packs/listed/')).toEqual(keys.slice(1).sort());
    let bytes = 0;
    for await (const blob of store.list('packs/listed/')) bytes += blob.size;
    expect(bytes).toBe(77);
  });

  it.each(['packs/../../etc/passwd', 'packs/org/x', '/packs', 'archives/../1', 'tmp/1', 'packs/org/../'])(
    'refuses the key %s',
    async (key) => {
      await expect((async () => open().readBuffer(key))()).rejects.toBeInstanceOf(RangeError);
      await expect((async () => open().put(key, inChunks(noise(1)), { maxSize: MAX }))()).rejects.toThrow(RangeError);
    },
  );

  it('is ready when it can be written', async () => {
    await open().check();
  });
}
