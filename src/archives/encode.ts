import { createHash } from 'node:crypto';
import type { Manifest } from '../manifests/manifest.ts';
import { allocateColumns, type Columns } from './index_format.ts';
import { centralHeaderLength, localHeaderLength } from './zip_records.ts';

/** Raise when the bytes made from equal content change: old ETags must not match new bytes. */
const LAYOUT_VERSION = 1;

type SortedFile = { file: Manifest['files'][number]; name: Buffer; crc32: number };

/**
 * The archive index of a verified manifest. `crc32[i]` belongs to `manifest.files[i]`. Throws a RangeError where a
 * manifest cannot be an archive (a path over 65,535 bytes, segments that don't add up to the size).
 */
export function encodeIndex(manifest: Manifest, crc32: Uint32Array): Buffer {
  const files: SortedFile[] = manifest.files.map((file, i) => {
    const name = Buffer.from(file.path);
    if (name.length > 0xffff) throw new RangeError('path too long for an archive');
    return { file, name, crc32: crc32[i] ?? 0 };
  });
  files.sort((a, b) => Buffer.compare(a.name, b.name));
  const { buffer, columns } = allocateColumns({
    files: files.length,
    segments: files.reduce((sum, { file }) => sum + file.segments.length, 0),
    packs: manifest.packs.length,
    pathBytes: files.reduce((sum, { name }) => sum + name.length, 0),
  });
  for (const [i, pack] of manifest.packs.entries()) columns.packs.set(Buffer.from(pack.sha256, 'hex'), 32 * i);
  fillContents(columns, files);
  fillOffsets(columns, files);
  columns.digest.set(contentDigest(files));
  return buffer;
}

function fillContents(columns: Columns, files: SortedFile[]): void {
  let segment = 0;
  let content = 0;
  let pathByte = 0;
  for (const [i, { file, name, crc32 }] of files.entries()) {
    columns.crc32[i] = crc32;
    columns.pathAt[i] = pathByte;
    columns.paths.set(name, pathByte);
    pathByte += name.length;
    columns.firstSegment[i] = segment;
    const end = content + file.size;
    for (const { pack, offset, length } of file.segments) {
      columns.segmentPack[segment] = pack;
      columns.segmentOffset[segment] = offset;
      columns.segmentAt[segment++] = content;
      content += length;
    }
    if (content !== end) throw new RangeError('segments do not add up to the size of the file');
  }
  columns.pathAt[files.length] = pathByte;
  columns.firstSegment[files.length] = segment;
  columns.segmentAt[segment] = content;
}

function fillOffsets(columns: Columns, files: SortedFile[]): void {
  let at = 0;
  for (const [i, { file, name }] of files.entries()) {
    columns.localAt[i] = at;
    at += localHeaderLength(name.length, file.size) + file.size;
  }
  columns.localAt[files.length] = at;
  for (const [i, { file, name }] of files.entries()) {
    columns.centralAt[i] = at;
    at += centralHeaderLength(name.length, file.size, columns.localAt[i] ?? 0);
  }
  columns.centralAt[files.length] = at;
}

/** Covers what determines every byte, and not how the content lies in packs: equal archives have equal ETags. */
function contentDigest(files: SortedFile[]): Buffer {
  const hash = createHash('sha256').update(`continuity archive layout ${LAYOUT_VERSION}\n`);
  for (const { file, name, crc32 } of files) {
    const fixed = Buffer.alloc(16);
    fixed.writeUInt32LE(name.length, 0);
    fixed.writeUInt32LE(crc32, 4);
    fixed.writeBigUInt64LE(BigInt(file.size), 8);
    hash.update(fixed).update(name).update(file.sha256, 'hex');
  }
  return hash.digest();
}
