import { expect, it } from 'vitest';
import { isFull } from './disk.ts';

const disk = { blocks: 9_000, bavail: 1_000, bsize: 4_096, files: 100, ffree: 10 };

it.each([
  ['with room', {}, false],
  ['that counts no files', { files: 0, ffree: 0 }, false],
  ['that counts nothing', { blocks: 0, bavail: 0, files: 0, ffree: 0 }, false],
  ['without bytes', { bavail: 200 }, true],
  ['without files', { ffree: 0 }, true],
])('a disk %s', (_what, figures, full) => {
  expect(isFull({ ...disk, ...figures })).toBe(full);
});
