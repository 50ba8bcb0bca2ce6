import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './disk.ts';
import { pathToKey } from './keys.ts';

const PREFIX = /^[a-z0-9_/-]*$/;

/** Every blob below root whose key begins with prefix. A folder or file that vanishes meanwhile is left out. */
export async function* walkKeys(root: string, prefix: string): AsyncGenerator<{ key: string; size: number }> {
  if (!PREFIX.test(prefix)) throw new RangeError(`not a key prefix: ${JSON.stringify(prefix)}`);
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
  for await (const { path, size } of walkFiles(root, folder)) {
    const key = pathToKey(path);
    if (key?.startsWith(prefix)) yield { key, size };
  }
}

async function* walkFiles(root: string, folder: string): AsyncGenerator<{ path: string; size: number }> {
  const entries = await unlessGone(fs.readdir(join(root, folder), { withFileTypes: true }));
  for (const entry of entries ?? []) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (path === 'tmp') continue;
    if (entry.isDirectory()) {
      yield* walkFiles(root, path);
      continue;
    }
    const stat = await unlessGone(fs.stat(join(root, path)));
    if (stat) yield { path, size: stat.size };
  }
}

async function unlessGone<T>(pending: Promise<T>): Promise<T | undefined> {
  try {
    return await pending;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
