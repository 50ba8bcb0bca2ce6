import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as yauzl from 'yauzl';
import { createFolderStore, type FolderStore } from '../blobs/folder.ts';
import type { BlobStore } from '../blobs/store.ts';
import { manifestOf, ORG, poured, type Recipe, sha256, storePacks } from './fixtures.ts';
import { openIndex } from './layout.ts';
import { openArchive } from './serve.ts';
import { verifyManifest } from './verify.ts';

let root: string;
let store: FolderStore;
beforeAll(async () => {
  root = await fs.mkdtemp(join(tmpdir(), 'archives-'));
  store = createFolderStore(root);
});
afterAll(() => fs.rm(root, { recursive: true, force: true }));

/** Without `open`, a folder is served as S3 would be. */
function remote(folder: FolderStore): BlobStore {
  const { open: _open, ...rest } = folder;
  return rest;
}

async function build(packs: Buffer[], recipes: Recipe[], blobs: BlobStore = store) {
  await storePacks(store, packs);
  const manifest = manifestOf(packs, recipes);
  const verified = await verifyManifest({ manifest, orgId: ORG, blobs });
  if (!verified.ok) throw new Error(JSON.stringify(verified.failures));
  return { manifest, verified, archive: openArchive(openIndex(verified.index), blobs, ORG) };
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function unzip(zip: Buffer): Promise<{ path: string; content: string; mode: number }[]> {
  const file = await yauzl.fromBufferPromise(zip, { strictFileNames: true });
  const entries: { path: string; content: string; mode: number }[] = [];
  for await (const entry of file.eachEntry()) {
    const content = await bytesOf(await file.openReadStreamPromise(entry));
    if (crc32(content) !== entry.crc32) throw new Error(`CRC of ${entry.fileName}`);
    const mode = entry.externalFileAttributes >>> 16;
    entries.push({ path: entry.fileName, content: content.toString('latin1'), mode });
  }
  return entries;
}

const segmentOf = (packs: Buffer[]) =>
  fc.nat(packs.length - 1).chain((pack) => {
    const { length } = packs[pack] ?? Buffer.alloc(0);
    return fc
      .nat(length)
      .chain((offset) =>
        fc.record({ pack: fc.constant(pack), offset: fc.constant(offset), length: fc.nat(length - offset) }),
      );
  });
const content = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 3 })
  .map((packs) => packs.map((pack) => Buffer.from(pack)));
const name = fc.stringMatching(/^[a-zäß日😀][a-z0-9äß日😀/]{0,20}[a-z]$/u).map((path) => path.replace(/\/+/g, '/'));
const version = content.chain((packs) =>
  fc.record({
    packs: fc.constant(packs),
    recipes: fc.uniqueArray(fc.record({ path: name, segments: fc.array(segmentOf(packs), { maxLength: 4 }) }), {
      selector: ({ path }) => path,
      maxLength: 12,
    }),
  }),
);

describe('a virtual ZIP', () => {
  it.each(['folder', 'remote'])('is what a reader of ZIP files expects (%s)', async (kind) => {
    await fc.assert(
      fc.asyncProperty(version, async ({ packs, recipes }) => {
        const { archive } = await build(packs, recipes, kind === 'remote' ? remote(store) : store);
        const whole = await poured(archive);
        expect(whole).toHaveLength(archive.size);
        const expected = recipes
          .map(({ path, segments }) => ({
            path,
            content: segments
              .map(({ pack, offset, length }) => packs[pack]?.toString('latin1', offset, offset + length) ?? '')
              .join(''),
            mode: 0o100644,
          }))
          .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
        expect(await unzip(whole)).toEqual(expected);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.each(['folder', 'remote'])('is the same however it is cut into ranges (%s)', async (kind) => {
    await fc.assert(
      fc.asyncProperty(version, fc.array(fc.nat(), { maxLength: 6 }), async ({ packs, recipes }, cuts) => {
        const { archive } = await build(packs, recipes, kind === 'remote' ? remote(store) : store);
        const whole = await poured(archive);
        const points = [0, ...cuts.map((cut) => cut % (archive.size + 1)), archive.size].sort((a, b) => a - b);
        const parts: Buffer[] = [];
        for (const [i, start] of points.slice(0, -1).entries()) {
          parts.push(await poured(archive, start, points[i + 1] ?? start));
        }
        expect(Buffer.concat(parts).equals(whole)).toBe(true);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('is valid without any file', async () => {
    const { archive } = await build([], []);
    expect(await unzip(await poured(archive))).toEqual([]);
  });

  it('has an ETag that depends on content and not on how it is packed', async () => {
    const [one, two] = [Buffer.from('hello'), Buffer.from('world')];
    const joined = Buffer.from('world, hello');
    const a = await build(
      [one, two],
      [
        { path: 'b', segments: [{ pack: 1, offset: 0, length: 5 }] },
        { path: 'a', segments: [{ pack: 0, offset: 0, length: 5 }] },
      ],
    );
    const b = await build(
      [joined],
      [
        { path: 'a', segments: [{ pack: 0, offset: 7, length: 5 }] },
        {
          path: 'b',
          segments: [
            { pack: 0, offset: 0, length: 2 },
            { pack: 0, offset: 2, length: 3 },
          ],
        },
      ],
    );
    expect(a.archive.etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(b.archive.etag).toBe(a.archive.etag);
    const bytes = await Promise.all([a, b].map(({ archive }) => poured(archive)));
    expect(sha256(bytes[0] ?? one)).toBe(sha256(bytes[1] ?? two));
    const renamed = await build(
      [joined],
      [
        { path: 'a', segments: [{ pack: 0, offset: 7, length: 5 }] },
        { path: 'c', segments: [{ pack: 0, offset: 0, length: 5 }] },
      ],
    );
    expect(renamed.archive.etag).not.toBe(a.archive.etag);
  });

  it('keeps its bytes for ever', async () => {
    const { archive } = await build(
      [Buffer.from('hello')],
      [
        { path: 'é/b', segments: [{ pack: 0, offset: 0, length: 5 }] },
        { path: 'a', segments: [] },
      ],
    );
    const zip = await poured(archive);
    expect(sha256(zip)).toBe('bc6d4ecad11f0efe1e50fa7fae02b6e77d9f33e4240641a3dc1c602f7f8a83ba');
    expect(archive.etag).toBe('"9d0cfa1de62194b63d9049dcad49d0484c85f7894d49ac951d9cb159430498c4"');
  });

  it('refuses a plan outside of the archive', async () => {
    const { archive } = await build([], []);
    await expect(poured(archive, 0, archive.size + 1)).rejects.toThrow(RangeError);
    await expect(poured(archive, -1, 1)).rejects.toThrow(RangeError);
  });
});
