import { randomFillSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const GIB = 1024 ** 3;

/** A folder of `count` files of random bytes whose sizes, small ones first, sum up to `bytes`. */
export async function writeRandomFolder(folder: string, bytes: number, count: number, growth: number): Promise<void> {
  // Each of 16 sizes is `growth` times the one before.
  const weights = Array.from({ length: count }, (_, index) => growth ** (index % 16));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let left = bytes;
  for (const [index, weight] of weights.entries()) {
    const size = index === count - 1 ? left : Math.floor((bytes * weight) / sum);
    left -= size;
    const parent = join(folder, `part-${index % 20}`);
    await mkdir(parent, { recursive: true });
    await writeFile(join(parent, `file-${index}.bin`), randomFillSync(Buffer.allocUnsafe(size)));
  }
}
