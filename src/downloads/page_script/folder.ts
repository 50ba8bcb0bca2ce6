import type { ManifestFile } from './manifest.ts';
import { createHash } from './sha256.ts';

/** The chosen folder, by the paths of the manifest. */
export interface Folder {
  readonly name: string;
  isEmpty(): Promise<boolean>;
  /** The file that stands under this path; `undefined` where there is none. */
  find(path: string): Promise<File | undefined>;
  /** Opens a file for writing, with its folders. What is written appears under its name only when it is closed. */
  create(path: string): Promise<FileSystemWritableFileStream>;
  /** Removes the empty file that `create` leaves where it was given up. */
  removeEmpty(path: string): Promise<void>;
}

/** The browser writes no file of this name: some systems give it a meaning (`.lnk`, `desktop.ini`). */
export class NameRefused extends Error {}

export function openFolder(root: FileSystemDirectoryHandle): Folder {
  const folders = new Map<string, Promise<FileSystemDirectoryHandle>>([['', Promise.resolve(root)]]);

  function folderOf(path: string, create: boolean): Promise<FileSystemDirectoryHandle> {
    const known = folders.get(path);
    if (known) return known;
    const { folder, name } = split(path);
    const handle = folderOf(folder, create).then((parent) => parent.getDirectoryHandle(name, { create }));
    folders.set(path, handle);
    handle.catch(() => folders.delete(path));
    return handle;
  }

  return {
    name: root.name,
    async isEmpty() {
      for await (const _ of root.keys()) return false;
      return true;
    },
    async find(path) {
      const { folder, name } = split(path);
      try {
        return await (await (await folderOf(folder, false)).getFileHandle(name)).getFile();
      } catch {
        return undefined;
      }
    },
    async create(path) {
      const { folder, name } = split(path);
      try {
        const handle = await (await folderOf(folder, true)).getFileHandle(name, { create: true });
        return await handle.createWritable();
      } catch (error) {
        throw error instanceof TypeError ? new NameRefused(path) : error;
      }
    },
    async removeEmpty(path) {
      const { folder, name } = split(path);
      if ((await this.find(path))?.size === 0) await (await folderOf(folder, false)).removeEntry(name);
    },
  };
}

function split(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(at, 0)), name: path.slice(at + 1) };
}

/** Whether a file on disk is what the manifest says, judged by its bytes. */
export async function isSame(file: File, { size, sha256 }: ManifestFile): Promise<boolean> {
  if (file.size !== size) return false;
  const hash = createHash();
  const reader = file.stream().getReader();
  for (let part = await reader.read(); part.value; part = await reader.read()) hash.update(part.value);
  return hash.digest() === sha256;
}
