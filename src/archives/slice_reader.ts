import type { FileHandle } from 'node:fs/promises';
import { type FolderStore, readFully } from '../blobs/folder.ts';
import { packKey } from '../blobs/keys.ts';

/** Reads slices of an organisation's packs, keeping the last few files open. */
export interface SliceReader {
  /** Fills `into` from `start` of the pack on; rejects with BlobMissing or BlobMismatch. */
  readInto(pack: string, start: number, into: Buffer): Promise<void>;
  /** Waits for reads under way. */
  close(): Promise<void>;
}

export function createSliceReader(store: FolderStore, orgId: string, maxOpen = 4): SliceReader {
  const open = new Map<string, Promise<FileHandle>>();
  const closing = new Set<Promise<void>>();

  function closeLater(handle: Promise<FileHandle>): void {
    // A failed open was reported to whoever asked for the read.
    const done = handle.then((file) => file.close()).catch(() => {});
    closing.add(done);
    done.finally(() => closing.delete(done));
  }

  function handleOf(key: string): Promise<FileHandle> {
    const handle = open.get(key) ?? store.open(key);
    open.delete(key);
    open.set(key, handle);
    for (const [oldest, idle] of open) {
      if (open.size <= maxOpen) break;
      open.delete(oldest);
      closeLater(idle);
    }
    return handle;
  }

  async function readInto(pack: string, start: number, into: Buffer): Promise<void> {
    const key = packKey(orgId, pack);
    await readFully(await handleOf(key), key, start, into);
  }

  async function close(): Promise<void> {
    for (const handle of open.values()) closeLater(handle);
    open.clear();
    await Promise.all(closing);
  }

  return { readInto, close };
}
