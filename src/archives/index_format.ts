/**
 * One buffer of columns, little-endian, each column aligned for its typed array, so that opening costs no parsing.
 * `header` is MAGIC, then the counts, then the ETag's digest.
 */
export const MAGIC = 'CtyArc01';
const HEADER_BYTES = 64;

export interface Counts {
  files: number;
  segments: number;
  packs: number;
  pathBytes: number;
}

export interface Columns {
  counts: Counts;
  /** SHA-256 behind the ETag, 32 bytes. */
  digest: Uint8Array;
  /** Archive offset of each file's local header; one more: where the central directory begins. */
  localAt: Float64Array;
  /** Archive offset of each file's central header; one more: where the directory ends. */
  centralAt: Float64Array;
  /** Running total of content bytes before each segment; one more: the total. */
  segmentAt: Float64Array;
  crc32: Uint32Array;
  /** First byte of each path in `paths`, first segment of each file; one more each: the end. */
  pathAt: Uint32Array;
  firstSegment: Uint32Array;
  segmentPack: Uint32Array;
  segmentOffset: Uint32Array;
  /** 32 bytes each. */
  packs: Uint8Array;
  paths: Uint8Array;
}

function layOut(buffer: ArrayBufferLike, byteOffset: number, counts: Counts): { columns: Columns; length: number } {
  let at = byteOffset + HEADER_BYTES;
  const take = (bytes: number) => {
    const here = at;
    at += bytes;
    return here;
  };
  const { files, segments, packs, pathBytes } = counts;
  const columns: Columns = {
    counts,
    digest: new Uint8Array(buffer, byteOffset + 24, 32),
    localAt: new Float64Array(buffer, take(8 * (files + 1)), files + 1),
    centralAt: new Float64Array(buffer, take(8 * (files + 1)), files + 1),
    segmentAt: new Float64Array(buffer, take(8 * (segments + 1)), segments + 1),
    crc32: new Uint32Array(buffer, take(4 * files), files),
    pathAt: new Uint32Array(buffer, take(4 * (files + 1)), files + 1),
    firstSegment: new Uint32Array(buffer, take(4 * (files + 1)), files + 1),
    segmentPack: new Uint32Array(buffer, take(4 * segments), segments),
    segmentOffset: new Uint32Array(buffer, take(4 * segments), segments),
    packs: new Uint8Array(buffer, take(32 * packs), 32 * packs),
    paths: new Uint8Array(buffer, take(pathBytes), pathBytes),
  };
  return { columns, length: at - byteOffset };
}

function byteLength({ files, segments, packs, pathBytes }: Counts): number {
  return HEADER_BYTES + 28 * files + 24 + 16 * segments + 8 + 32 * packs + pathBytes;
}

/** A zeroed buffer and its columns, to be filled in. */
export function allocateColumns(counts: Counts): { buffer: Buffer; columns: Columns } {
  const buffer = Buffer.from(new ArrayBuffer(byteLength(counts)));
  buffer.write(MAGIC, 0, 'latin1');
  buffer.writeUInt32LE(counts.files, 8);
  buffer.writeUInt32LE(counts.segments, 12);
  buffer.writeUInt32LE(counts.packs, 16);
  buffer.writeUInt32LE(counts.pathBytes, 20);
  return { buffer, columns: layOut(buffer.buffer, 0, counts).columns };
}

/** Views into `encoded` (copied only where it is not aligned). Throws when it is not a whole index. */
export function openColumns(encoded: Buffer): Columns {
  if (encoded.length < HEADER_BYTES || encoded.toString('latin1', 0, 8) !== MAGIC) {
    throw new Error('not an archive index of this format');
  }
  const counts = {
    files: encoded.readUInt32LE(8),
    segments: encoded.readUInt32LE(12),
    packs: encoded.readUInt32LE(16),
    pathBytes: encoded.readUInt32LE(20),
  };
  if (byteLength(counts) !== encoded.length) throw new Error('archive index is cut or damaged');
  const aligned = encoded.byteOffset % 8 === 0 ? encoded : Buffer.from(new Uint8Array(encoded).buffer);
  return layOut(aligned.buffer, aligned.byteOffset, counts).columns;
}
