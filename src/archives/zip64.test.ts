import { describe, expect, it } from 'vitest';
import type { Manifest } from '../manifests/manifest.ts';
import { encodeIndex } from './encode.ts';
import { type ArchiveIndex, openIndex, type Piece } from './layout.ts';

const PACK = 8 * 1024 * 1024;
const hash = (n: number) => n.toString(16).padStart(64, '0');

/** A file of `size` bytes that repeats one pack. */
function repeated(path: string, size: number): Manifest['files'][number] {
  const segments = [];
  for (let at = 0; at < size; at += PACK) segments.push({ pack: 0, offset: 0, length: Math.min(PACK, size - at) });
  return { path, size, sha256: hash(size), segments };
}

function open(files: Manifest['files']): ArchiveIndex {
  const manifest: Manifest = { v: 3, packs: [{ sha256: hash(1), size: PACK }], files };
  return openIndex(encodeIndex(manifest, new Uint32Array(files.length).fill(0x01020304)));
}

function lengthOf(piece: Piece): number {
  return piece.kind === 'bytes' ? piece.bytes.length : piece.end - piece.start;
}

function madeBytes(index: ArchiveIndex, start: number): Buffer {
  const pieces = [...index.plan(start, index.archiveSize)];
  return Buffer.concat(pieces.flatMap((piece) => (piece.kind === 'bytes' ? [piece.bytes] : [])));
}

describe('ZIP64', () => {
  it.each([
    [0xffff_fffe, 30],
    [0xffff_ffff, 50],
    [0x1_0000_0000, 50],
  ])('an entry of %i bytes has a local header of %i bytes and its name', (size, header) => {
    const [first] = open([repeated('a', size)]).plan(0, 100);
    expect(first?.kind === 'bytes' && first.bytes.length).toBe(header + 1);
    if (first?.kind !== 'bytes') throw new Error('no header');
    const shown = header === 50 ? Number(first.bytes.readBigUInt64LE(35)) : first.bytes.readUInt32LE(18);
    expect(shown).toBe(size);
  });

  it('gives the offset of an entry that begins beyond 4 GiB', () => {
    const index = open([repeated('a', 0x1_0000_0000), repeated('b', 5)]);
    const directory = madeBytes(index, 0x1_0000_0000);
    const at = directory.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
    expect(directory.readUInt32LE(at + 42)).toBe(0xffff_ffff);
    expect(directory.readUInt16LE(at + 47)).toBe(1);
    expect(directory.readUInt16LE(at + 49)).toBe(8);
    expect(Number(directory.readBigUInt64LE(at + 51))).toBe(0x1_0000_0000 + 51);
  });

  it.each([
    [65_534, false],
    [65_535, true],
    [65_536, true],
  ])('%i entries: ZIP64 end of directory %s', (count, zip64) => {
    const files = Array.from({ length: count }, (_, i) => repeated(`f${i}`, 0));
    const index = open(files);
    const tail = madeBytes(index, index.archiveSize - 98);
    expect(tail.includes(Buffer.from('PK\x06\x06', 'latin1'))).toBe(zip64);
    if (zip64) expect(Number(tail.readBigUInt64LE(32))).toBe(count);
    expect(tail.readUInt16LE(tail.length - 12)).toBe(Math.min(count, 0xffff));
  });

  it('plans any place of a huge archive at once, and merges slices that touch', () => {
    const size = 20 * 1024 ** 3;
    const index = open([
      repeated('a', size),
      {
        ...repeated('b', 0),
        size: 9,
        segments: [1, 2, 6].map((length, i) => ({ pack: 0, offset: [0, 1, 3][i] ?? 0, length })),
      },
    ]);
    const middle = [...index.plan(size / 2, size / 2 + 10)];
    expect(middle.map(lengthOf)).toEqual([10]);
    const merged = [...index.plan(size + 51, size + 51 + 31 + 9)];
    expect(merged.map(lengthOf)).toEqual([31, 9]);
    let total = 0;
    for (const piece of index.plan(0, index.archiveSize)) total += lengthOf(piece);
    expect(total).toBe(index.archiveSize);
  });
});

describe('an encoded index', () => {
  const manifest: Manifest = { v: 3, packs: [{ sha256: hash(1), size: PACK }], files: [repeated('a', 10)] };
  const encoded = encodeIndex(manifest, Uint32Array.of(7));

  it('opens from any alignment', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), encoded]).subarray(3);
    expect(openIndex(shifted).etag).toBe(openIndex(encoded).etag);
    expect([...openIndex(shifted).plan(0, 41)]).toEqual([...openIndex(encoded).plan(0, 41)]);
  });

  it('is refused when cut, longer or of another format', () => {
    expect(() => openIndex(encoded.subarray(0, -1))).toThrow();
    expect(() => openIndex(Buffer.concat([encoded, Buffer.alloc(1)]))).toThrow();
    expect(() => openIndex(Buffer.alloc(encoded.length))).toThrow();
  });

  it('is not made where segments do not add up, or a name does not fit', () => {
    const [file] = manifest.files;
    if (!file) throw new Error('no file');
    const crc = Uint32Array.of(7);
    expect(() => encodeIndex({ ...manifest, files: [{ ...file, size: 11 }] }, crc)).toThrow(RangeError);
    expect(() => encodeIndex({ ...manifest, files: [{ ...file, path: 'a'.repeat(65_536) }] }, crc)).toThrow(RangeError);
  });
});
