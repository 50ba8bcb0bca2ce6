import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { openIndex } from '../../src/archives/layout.ts';
import { openArchive } from '../../src/archives/serve.ts';
import { verifyManifest } from '../../src/archives/verify.ts';
import { createFolderStore } from '../../src/blobs/folder.ts';
import { packKey } from '../../src/blobs/keys.ts';
import type { Manifest } from '../../src/manifests/manifest.ts';

/** Usage: make.ts CASE OUT.zip; writes OUT.zip and OUT.zip.names (each path and a NUL, in order). */
const PACK = 8 * 1024 * 1024;
const GIB = 1024 ** 3;

interface Case {
  pack: Buffer;
  files: { path: string; size: number }[];
}

const cases: Record<string, () => Case> = {
  'empty-file': () => ({ pack: Buffer.alloc(1), files: [{ path: 'empty', size: 0 }] }),
  'empty-folder': () => ({ pack: Buffer.alloc(1), files: [] }),
  'non-ascii': () => ({
    pack: Buffer.from('any content'),
    files: ['Schlagzeug/Größe.wav', '鼓/大太鼓.wav', 'émoji 🥁.txt', 'plain.txt', "quote'and space.txt"].map(
      (path) => ({
        path,
        size: 11,
      }),
    ),
  }),
  // 4,095 bytes: with the NUL that ends it, all that PATH_MAX allows; unzip cuts longer ones.
  'long-name': () => ({
    pack: Buffer.from('x'),
    files: [{ path: `${`${'n'.repeat(240)}/`.repeat(16)}${'m'.repeat(239)}`, size: 1 }],
  }),
  'many-files': () => ({
    pack: Buffer.alloc(1024, 'sample'),
    files: Array.from({ length: 100_000 }, (_, i) => ({ path: `folder ${i % 100}/file ${i}.bin`, size: i % 1024 })),
  }),
  'huge-entry': () => ({
    pack: Buffer.alloc(PACK),
    files: [
      { path: 'a/huge.bin', size: 5 * GIB + 3 },
      { path: 'b/beyond-4g', size: 54_321 },
      { path: 'c/after', size: 12_345 },
    ],
  }),
  'edge-entry': () => ({
    pack: Buffer.alloc(PACK),
    files: [
      { path: 'a/exactly-4g-2', size: 4 * GIB - 2 },
      { path: 'b/after', size: 12_345 },
    ],
  }),
  'marker-entry': () => ({
    pack: Buffer.alloc(PACK),
    files: [
      { path: 'a/exactly-4g-1', size: 4 * GIB - 1 },
      { path: 'b/after', size: 12_345 },
    ],
  }),
};

function cut(size: number, packSize: number) {
  const segments = [];
  for (let at = 0; at < size; at += packSize)
    segments.push({ pack: 0, offset: 0, length: Math.min(packSize, size - at) });
  return segments;
}

function hashOf(pack: Buffer, size: number): string {
  const hash = createHash('sha256');
  for (const { length } of cut(size, pack.length)) hash.update(pack.subarray(0, length));
  return hash.digest('hex');
}

const [name = '', out = ''] = process.argv.slice(2);
const made = cases[name]?.();
if (!made || out === '') throw new Error(`cases: ${Object.keys(cases).join(' ')}`);
const { pack, files } = made;
const root = await mkdtemp(join(tmpdir(), 'archive-case-'));
try {
  const blobs = createFolderStore(root);
  const sha256 = createHash('sha256').update(pack).digest('hex');
  async function* body() {
    yield pack;
  }
  await blobs.put(packKey('org', sha256), body(), { maxSize: pack.length });
  const manifest: Manifest = {
    v: 3,
    packs: [{ sha256, size: pack.length }],
    files: files.map(({ path, size }) => ({
      path,
      size,
      sha256: hashOf(pack, size),
      segments: cut(size, pack.length),
    })),
  };
  const verified = await verifyManifest({ manifest, orgId: 'org', blobs });
  if (!verified.ok) throw new Error(JSON.stringify(verified.failures));
  const archive = openArchive(openIndex(verified.index), blobs, 'org');
  const file = createWriteStream(out);
  await archive.pour(file, 0, archive.size);
  await finished(file.end());
  const names = files.map(({ path }) => Buffer.from(path)).sort(Buffer.compare);
  await writeFile(`${out}.names`, Buffer.concat(names.flatMap((path) => [path, Buffer.alloc(1)])));
} finally {
  await rm(root, { recursive: true, force: true });
}
