import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manifest } from '../manifests/manifest.ts';
import { type PackInput, packFiles } from './pack.ts';
import { planReuse } from './reuse.ts';
import { cut, MAX_PACK, SLICE } from './slice.ts';

type Content = PackInput & { bytes: Buffer };

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function content(path: string, size: number, fill: number, hashed: boolean): Content {
  const bytes = Buffer.alloc(size, fill);
  return { path, size, bytes, ...(hashed && { sha256: sha256(bytes) }) };
}

async function pack(files: Content[], previous?: Manifest) {
  const reuse =
    previous &&
    planReuse(
      files.flatMap((file) => file.sha256 ?? []),
      previous,
    );
  const packs = new Map<string, Buffer>();
  const run = packFiles(files, {
    reuse,
    read: async (file, start, length) => file.bytes.subarray(start, start + length),
    changed: (file) => new Error(`${file.path} changed`),
  });
  let next = await run.next();
  for (; !next.done; next = await run.next()) packs.set(next.value.sha256, Buffer.concat(next.value.pieces));
  return { manifest: next.value, packs };
}

function expectWhole(files: Content[], manifest: Manifest, packs: Map<string, Buffer>): void {
  const covered = manifest.packs.map(() => new Map<number, number>());
  for (const [index, file] of manifest.files.entries()) {
    const hash = createHash('sha256');
    for (const { pack, offset, length } of file.segments) {
      const bytes = packs.get(manifest.packs[pack]?.sha256 ?? '');
      hash.update(bytes?.subarray(offset, offset + length) ?? 'missing');
      covered[pack]?.set(offset, length);
    }
    expect(hash.digest('hex')).toBe(sha256(files[index]?.bytes ?? Buffer.alloc(0)));
  }
  // Every byte of every pack belongs to the version: so no buyer of it can be given bytes of another.
  for (const [index, { size }] of manifest.packs.entries()) {
    expect([...(covered[index]?.values() ?? [])].reduce((sum, length) => sum + length, 0)).toBe(size);
    expect(size).toBeLessThanOrEqual(MAX_PACK);
  }
}

const sizes = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300_000) },
  { weight: 1, arbitrary: fc.constantFrom(SLICE, SLICE - 1, SLICE + 1, MAX_PACK, MAX_PACK + 1, 2 * SLICE + 70_000) },
);
const folder = fc.array(fc.tuple(sizes, fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 12 });

test('whatever the files, each can be put together, and every pack is used whole: also by the next version', async () => {
  await fc.assert(
    fc.asyncProperty(folder, folder, fc.nat(12), async (one, two, shared) => {
      const first = one.map(([size, fill], at) => content(`f${at}`, size, fill + 1, false));
      const before = await pack(first);
      expectWhole(first, before.manifest, before.packs);
      const next = [...one.slice(0, shared), ...two].map(([size, fill], at) => content(`f${at}`, size, fill + 1, true));
      try {
        const after = await pack(next, before.manifest);
        expectWhole(next, after.manifest, new Map([...before.packs, ...after.packs]));
      } catch (error) {
        expect(String(error)).toContain('packed in too many ways');
      }
    }),
    { numRuns: 25, seed: 1 },
  );
});

test('cuts cover the stretch and leave no short piece in the middle of a file', () => {
  fc.assert(
    fc.property(fc.nat(40_000_000), fc.boolean(), (length, last) => {
      const cuts = cut(5, length, last, SLICE);
      expect(cuts.reduce((at, piece) => (piece.start === at ? at + piece.length : Number.NaN), 5)).toBe(5 + length);
      for (const piece of last ? cuts.slice(0, -1) : cuts) {
        if (length >= 65_536) expect(piece.length).toBeGreaterThanOrEqual(65_536);
      }
    }),
    { seed: 1 },
  );
});
