import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { BlobStoreFull } from './store.ts';

/** The two calls that a full disk fails in: a test passes others. */
export interface Disk {
  open(path: string, flags: string, mode?: number): Promise<fs.FileHandle>;
  rename(from: string, to: string): Promise<void>;
}

export const realDisk: Disk = { open: fs.open, rename: fs.rename };

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function translateFull(error: unknown): unknown {
  const code = errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? new BlobStoreFull({ cause: error }) : error;
}

/** Makes the entries of a folder durable (a rename alone may be lost with the power). */
export async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Returns a function that makes a folder and every parent below root durable, once per process. Another process may
 * have made them a moment ago without having synced yet, hence existence alone proves nothing.
 */
export function createFolderMaker(root: string): (path: string) => Promise<void> {
  const made = new Map<string, Promise<void>>();
  async function make(path: string): Promise<void> {
    const parent = dirname(path);
    if (path !== root) await ensure(parent);
    await fs.mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(parent);
  }
  function ensure(path: string): Promise<void> {
    const known = made.get(path);
    if (known) return known;
    const making = make(path);
    made.set(path, making);
    making.catch(() => made.delete(path));
    return making;
  }
  return ensure;
}

/** Appends chunks in writes of about 1 MiB: an upload arrives in pieces of 64 KiB. */
export function createGatheringWriter(handle: fs.FileHandle, batchBytes = 1024 * 1024) {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  async function flush(): Promise<void> {
    let batch = held;
    held = [];
    heldBytes = 0;
    while (batch.length > 0) {
      const { bytesWritten } = await handle.writev(batch);
      batch = dropFront(batch, bytesWritten);
    }
  }
  function write(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength > 0) held.push(chunk);
    heldBytes += chunk.byteLength;
    return heldBytes >= batchBytes ? flush() : undefined;
  }
  return { write, flush };
}

function dropFront(chunks: Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  const rest: Uint8Array[] = [];
  for (const chunk of chunks) {
    const skip = Math.min(left, chunk.byteLength);
    left -= skip;
    if (skip < chunk.byteLength) rest.push(skip > 0 ? chunk.subarray(skip) : chunk);
  }
  return rest;
}
