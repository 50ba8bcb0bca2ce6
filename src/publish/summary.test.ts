import { expect, test } from 'vitest';
import type { Published } from './publish.ts';
import { summary } from './summary.ts';

const DONE: Published = {
  vendorId: 'org',
  productId: 'kit',
  versionId: '1',
  version: '1.0.0',
  status: 'ready',
  files: 2,
  bytes: 10,
  packs: 3,
  packsUploaded: 1,
  bytesUploaded: 4,
  activated: true,
  active: true,
  productCreated: false,
  alreadyPublished: false,
  junk: 0,
  emptyFolders: 0,
};

test('what customers get is published', () => {
  expect(summary(DONE)).toEqual([
    'kit 1.0.0: 2 files, 10 bytes, published, active.',
    'Uploaded 1 of 3 packs (4 bytes).',
  ]);
});

test.each([
  [{ active: false }, 'stored, not active'],
  [{ active: false, alreadyPublished: true }, 'stored before, not active'],
  [{ alreadyPublished: true }, 'stored before, active'],
])('%o is said to be %s', (more, words) => {
  expect(summary({ ...DONE, ...more })[0]).toBe(`kit 1.0.0: 2 files, 10 bytes, ${words}.`);
});

test('what customers do not get comes with the way to change that', () => {
  expect(summary({ ...DONE, active: false }).at(-1)).toMatch(/run the same again with --activate/);
});

test('one thing is one', () => {
  const one = { files: 1, bytes: 1, packs: 1, bytesUploaded: 1, junk: 1, emptyFolders: 1 };
  expect(summary({ ...DONE, ...one })).toEqual([
    'kit 1.0.0: 1 file, 1 byte, published, active.',
    'Uploaded 1 of 1 pack (1 byte).',
    'Left out: 1 file that systems leave behind, 1 folder without files.',
  ]);
});
