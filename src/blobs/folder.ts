import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { consumeChecked } from './checked.ts';
import {
  createFolderMaker,
  createGatheringWriter,
  type Disk,
  errorCode,
  realDisk,
  syncFolder,
  translateFull,
} from './disk.ts';
import { isContentAddressed, keyToPath } from './keys.ts';
import { BlobMismatch, BlobMissing, type BlobStore, type ByteRange } from './store.ts';
import { walkKeys } from './walk.ts';

/** A store whose blobs are plain files: readers of many ranges can keep them open. */
export interface FolderStore extends BlobStore {
  /** The caller closes it. Rejects with BlobMissing. */
  open(key: string): Promise<fs.FileHandle>;
}

export function isFolderStore(store: BlobStore): store is FolderStore {
  return 'open' in store;
}

const READ_BYTES = 1024 * 1024;

/** Blobs as files under root; what is being written stays in `<root>/tmp` until it is whole, checked and on disk. */
export function createFolderStore(rootPath: string, disk: Disk = realDisk): FolderStore {
  const root = resolve(rootPath);
  const tmp = join(root, 'tmp');
  const ensureFolder = createFolderMaker(root);
  const pathOf = (key: string) => join(root, keyToPath(key));
  const newTemporary = () => join(tmp, `${process.pid}-${randomBytes(12).toString('hex')}`);

  async function fileSize(path: string): Promise<number | undefined> {
    try {
      return (await fs.stat(path)).size;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function writeTemporary(path: string, key: string, ...[bytes, expect]: PutArguments) {
    const handle = await disk.open(path, 'wx', 0o600);
    try {
      const writer = createGatheringWriter(handle);
      const stored = await consumeChecked(key, bytes, expect, writer.write);
      await writer.flush();
      await handle.sync();
      return stored;
    } finally {
      await handle.close();
    }
  }

  async function put(key: string, ...[bytes, expect]: PutArguments) {
    const path = pathOf(key);
    const folder = dirname(path);
    // Without an announced size a stored file of another size could not be told apart before the body is gone.
    if (isContentAddressed(key, expect.sha256) && expect.size !== undefined && (await fileSize(path)) === expect.size) {
      const stored = await consumeChecked(key, bytes, expect, () => undefined);
      // The put that made it visible may not have come to its own sync yet.
      await syncFolder(folder);
      return stored;
    }
    const temporary = newTemporary();
    try {
      await ensureFolder(tmp);
      await ensureFolder(folder);
      const stored = await writeTemporary(temporary, key, bytes, expect);
      await disk.rename(temporary, path);
      await syncFolder(folder);
      return stored;
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw translateFull(error);
    }
  }

  async function open(key: string): Promise<fs.FileHandle> {
    try {
      return await disk.open(pathOf(key), 'r');
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? new BlobMissing(key) : error;
    }
  }

  async function openRange(key: string, range: ByteRange | undefined) {
    const handle = await open(key);
    try {
      const { size } = await handle.stat();
      const { start, end } = range ?? { start: 0, end: size };
      if (start < 0 || end < start || end > size) throw new BlobMismatch(key, 'size');
      return { handle, start, end };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function read(key: string, range?: ByteRange): Promise<Readable> {
    const { handle, start, end } = await openRange(key, range);
    if (start < end) return handle.createReadStream({ start, end: end - 1, highWaterMark: READ_BYTES });
    await handle.close();
    return Readable.from([]);
  }

  async function readBuffer(key: string, range?: ByteRange): Promise<Buffer> {
    const { handle, start, end } = await openRange(key, range);
    try {
      const into = Buffer.allocUnsafeSlow(end - start);
      await readFully(handle, key, start, into);
      return into;
    } finally {
      await handle.close();
    }
  }

  async function sweep(olderThanMs: number): Promise<number> {
    const before = Date.now() - olderThanMs;
    let removed = 0;
    await ensureFolder(tmp);
    for (const name of await fs.readdir(tmp)) {
      const path = join(tmp, name);
      const stat = await fs.stat(path).catch(() => undefined);
      if (!stat?.isFile() || stat.mtimeMs > before) continue;
      await fs.rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  async function check(): Promise<void> {
    const path = newTemporary();
    try {
      await ensureFolder(tmp);
      const handle = await disk.open(path, 'wx', 0o600);
      await handle.write('ready').finally(() => handle.close());
    } catch (error) {
      throw translateFull(error);
    } finally {
      await fs.rm(path, { force: true });
    }
  }

  return {
    put,
    read,
    readBuffer,
    open,
    sweep,
    check,
    size: (key) => fileSize(pathOf(key)),
    delete: (key) => fs.rm(pathOf(key), { force: true }),
    list: (prefix) => walkKeys(root, prefix),
  };
}

type PutArguments = [bytes: AsyncIterable<Uint8Array>, expect: { sha256?: string; size?: number; maxSize: number }];

/** Fills `into` from position on; a file that ends early is a BlobMismatch, never a short answer. */
export async function readFully(handle: fs.FileHandle, key: string, position: number, into: Buffer): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new BlobMismatch(key, 'size');
    done += bytesRead;
  }
}
