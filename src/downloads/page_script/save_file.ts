import type { Folder } from './folder.ts';
import type { ManifestFile } from './manifest.ts';
import { Problem } from './problem.ts';
import { createHash, sha256 } from './sha256.ts';
import type { Spans } from './spans.ts';

/** Up to this many bytes a file is put together in memory and hashed by the browser's own code. */
const IN_MEMORY = 32 * 1024 * 1024;

/**
 * Writes one file. Its SHA-256 is checked before it is closed, so a file under its name is a right one. Rejects with
 * `Problem` when the bytes are wrong twice, and with the file system's own errors.
 */
export async function saveFile(folder: Folder, spans: Spans, file: ManifestFile): Promise<void> {
  if (await tryToSave(folder, spans, file)) return;
  for (const segment of file.segments) spans.forget(segment);
  if (await tryToSave(folder, spans, file)) return;
  throw new Problem(`${file.path} arrives damaged, so it was not saved. Try again, or take the ZIP.`, true);
}

async function tryToSave(folder: Folder, spans: Spans, file: ManifestFile): Promise<boolean> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  if (file.size <= IN_MEMORY) {
    const content = new Uint8Array(file.size);
    let at = 0;
    for (const segment of file.segments) {
      content.set(await spans.read(segment), at);
      at += segment.length;
    }
    if ((await sha256(content)) !== file.sha256) return false;
    parts.push(content);
  }
  const writable = await folder.create(file.path);
  try {
    for (const part of parts) await writable.write(part);
    if (parts.length === 0 && !(await stream(spans, file, writable))) {
      await giveUp(folder, file, writable);
      return false;
    }
    await writable.close();
    return true;
  } catch (error) {
    await giveUp(folder, file, writable).catch(() => undefined);
    throw error;
  }
}

async function giveUp(folder: Folder, { path }: ManifestFile, writable: FileSystemWritableFileStream): Promise<void> {
  await writable.abort();
  await folder.removeEmpty(path);
}

async function stream(spans: Spans, file: ManifestFile, writable: FileSystemWritableFileStream): Promise<boolean> {
  const hash = createHash();
  for (const segment of file.segments) {
    const bytes = await spans.read(segment);
    hash.update(bytes);
    await writable.write(bytes);
  }
  return hash.digest() === file.sha256;
}
