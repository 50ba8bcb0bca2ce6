import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { PublishError } from './publish_error.ts';
import type { LocalFile } from './scan.ts';

const READ_SIZE = 1024 * 1024;

/** Reads exactly the bytes [start, start + length); rejects when the file is no longer what the scan saw. */
export async function readStretch(file: LocalFile, start: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  await reading(file, async (handle) => {
    let at = 0;
    while (at < length) {
      const { bytesRead } = await handle.read(bytes, at, length - at, start + at);
      if (bytesRead === 0) throw changed(file);
      at += bytesRead;
    }
  });
  return bytes;
}

/** SHA-256 (hex) of the whole file, in bounded memory. */
export async function hashFile(file: LocalFile, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(READ_SIZE, file.size)));
  await reading(file, async (handle) => {
    for (let at = 0; at < file.size;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, file.size - at), at);
      if (bytesRead === 0) throw changed(file);
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  });
  return hash.digest('hex');
}

async function reading(file: LocalFile, read: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file.source).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  try {
    await read(handle);
    // Afterwards is enough: what changed before or meanwhile shows then, and each call is a trip to the thread pool.
    await refuseChanged(file, handle);
  } finally {
    await handle.close();
  }
}

async function refuseChanged(file: LocalFile, handle: FileHandle): Promise<void> {
  const { size, mtimeMs } = await handle.stat();
  if (size !== file.size || mtimeMs !== file.mtimeMs) throw changed(file);
}

export function changed(file: { path: string }): PublishError {
  return new PublishError(
    `${file.path} changed while it was being read. Run the command again when nothing writes to it.`,
  );
}

function unreadable(file: { path: string }, cause: unknown): PublishError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new PublishError(`${file.path} cannot be read${code}.`, { cause });
}
