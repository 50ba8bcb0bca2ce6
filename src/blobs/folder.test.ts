import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realDisk } from './disk.ts';
import { createFolderStore } from './folder.ts';
import { packKey } from './keys.ts';
import { BlobStoreFull } from './store.ts';
import { describeBlobStore, inChunks, noise, sha256 } from './store_suite.ts';

let root: string;
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'blobs-'));
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

describe('blobs in a folder', () => {
  describeBlobStore(() => createFolderStore(join(root, 'suite')));

  it('leaves no temporary file, whether a put succeeds or not', async () => {
    const store = createFolderStore(join(root, 'clean'));
    const key = packKey('org', sha256(noise(9)));
    await store.put(key, inChunks(noise(9)), { maxSize: 9 });
    await expect(store.put(key, inChunks(noise(10)), { maxSize: 9 })).rejects.toThrow();
    expect(await fs.readdir(join(root, 'clean/tmp'))).toEqual([]);
  });

  it.each(['ENOSPC', 'EDQUOT'])('says that it is full on %s and goes on when there is room', async (code) => {
    let full = true;
    const error = Object.assign(new Error('no space'), { code });
    const store = createFolderStore(join(root, code), {
      ...realDisk,
      async open(path, flags, mode) {
        const handle = await fs.open(path, flags, mode);
        if (full) handle.writev = () => Promise.reject(error);
        return handle;
      },
    });
    const bytes = noise(3_000_000);
    const key = packKey('org', sha256(bytes));
    await expect(store.put(key, inChunks(bytes), { maxSize: 9e6 })).rejects.toBeInstanceOf(BlobStoreFull);
    expect(await fs.readdir(join(root, code, 'tmp'))).toEqual([]);
    full = false;
    await store.put(key, inChunks(bytes), { maxSize: 9e6 });
    expect(sha256(await store.readBuffer(key))).toBe(sha256(bytes));
  });

  it('writes on after a short write', async () => {
    const store = createFolderStore(join(root, 'short'), {
      ...realDisk,
      async open(path, flags, mode) {
        const handle = await fs.open(path, flags, mode);
        const whole = handle.writev.bind(handle);
        handle.writev = async (buffers) => {
          const [first] = buffers;
          if (!(first instanceof Uint8Array)) throw new Error('nothing to write');
          const bytesWritten = Math.ceil(first.length / 2);
          await whole([first.subarray(0, bytesWritten)]);
          return { bytesWritten, buffers };
        };
        return handle;
      },
    });
    const bytes = noise(131_072);
    const key = packKey('org', sha256(bytes));
    await store.put(key, inChunks(bytes), { maxSize: 9e6 });
    expect(sha256(await store.readBuffer(key))).toBe(sha256(bytes));
  });

  it('sweeps what a killed process left, and nothing younger', async () => {
    const store = createFolderStore(join(root, 'sweep'));
    await store.check();
    const left = join(root, 'sweep/tmp/1-left');
    await fs.writeFile(left, 'half');
    await fs.writeFile(join(root, 'sweep/tmp/1-young'), 'half');
    const hourAgo = new Date(Date.now() - 3_600_000);
    await fs.utimes(left, hourAgo, hourAgo);
    expect(await store.sweep(60_000)).toBe(1);
    expect(await fs.readdir(join(root, 'sweep/tmp'))).toEqual(['1-young']);
  });

  it('is not ready when its place cannot be a folder', async () => {
    await fs.writeFile(join(root, 'file'), '');
    await expect(createFolderStore(join(root, 'file')).check()).rejects.toThrow();
  });
});
