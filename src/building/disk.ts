import { statfs } from 'node:fs/promises';

const LEAST_BYTES = 1024 * 1024;

interface Figures {
  readonly blocks: number;
  readonly bavail: number;
  readonly bsize: number;
  readonly files: number;
  readonly ffree: number;
}

/** Whether what statfs(2) says leaves no room for a file. Some file systems count neither bytes nor files. */
export function isFull({ blocks, bavail, bsize, files, ffree }: Figures): boolean {
  return (blocks > 0 && bavail * bsize < LEAST_BYTES) || (files > 0 && ffree === 0);
}

/** Rejects where the disk of a folder is full. */
export async function requireSpace(folder: string): Promise<void> {
  if (isFull(await statfs(folder))) throw new Error(`The disk of ${folder} is full.`);
}
