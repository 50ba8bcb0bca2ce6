import { type Columns, openColumns } from './index_format.ts';
import { type Referenced, referencedBytes, referencedIn } from './referenced.ts';
import { lastAtOrBefore } from './search.ts';
import { archiveTail, centralHeader, type Entry, localHeader, localHeaderLength } from './zip_records.ts';

/** Part of an archive: bytes made here, or bytes [start, end) of a pack (SHA-256, hex). */
export type Piece = { kind: 'bytes'; bytes: Buffer } | { kind: 'pack'; pack: string; start: number; end: number };

/** A ZIP file that exists only as a rule: store method, sorted by the bytes of path, fixed time and mode. */
export interface ArchiveIndex {
  files: number;
  /** Bytes of the whole ZIP. */
  archiveSize: number;
  /** Strong, quoted (RFC 9110 §8.8.3): equal for equal content, however it is packed. */
  etag: string;
  /** Memory held, in bytes. */
  indexBytes: number;
  /** Covers exactly [start, end), in order, lazily; throws a RangeError outside of the archive. */
  plan(start: number, end: number): Generator<Piece>;
  /** Which bytes of a pack (SHA-256, hex) the archive holds. */
  referenced(pack: string): Referenced;
  /** Distinct bytes of all packs that the archive holds; what a pack-wise download has to fetch. */
  referencedBytes(): number;
  /** The first `limit` files in the archive's order; sizes in bytes. */
  list(limit: number): { path: string; size: number }[];
}

/** Made headers are handed out in batches of about this many bytes. */
const BATCH_BYTES = 32 * 1024;

/** Opens what encodeIndex made; the buffer must not be changed afterwards. Throws when it is damaged. */
export function openIndex(encoded: Buffer): ArchiveIndex {
  const columns = openColumns(encoded);
  const { files } = columns.counts;
  const start = columns.localAt[files] ?? 0;
  const end = columns.centralAt[files] ?? 0;
  const tail = archiveTail({ entries: files, start, end });
  const archiveSize = end + tail.length;
  function plan(from: number, to: number): Generator<Piece> {
    if (!(from >= 0 && from <= to && to <= archiveSize)) throw new RangeError('outside of the archive');
    return merge(pieces(columns, tail, from, to));
  }
  const etag = `"${Buffer.from(columns.digest).toString('hex')}"`;
  let distinctBytes: number | undefined;
  return {
    files,
    archiveSize,
    etag,
    indexBytes: encoded.length,
    plan,
    referenced: (pack) => referencedIn(columns, pack),
    referencedBytes: () => (distinctBytes ??= referencedBytes(columns)),
    list: (limit) => Array.from({ length: Math.min(limit, files) }, (_, i) => listed(entryAt(columns, i))),
  };
}

function entryAt(columns: Columns, i: number): Entry {
  const size = contentStart(columns, i + 1) - contentStart(columns, i);
  const name = columns.paths.subarray(columns.pathAt[i], columns.pathAt[i + 1]);
  return { name, size, crc32: columns.crc32[i] ?? 0, offset: columns.localAt[i] ?? 0 };
}

function listed({ name, size }: Entry): { path: string; size: number } {
  return { path: Buffer.from(name.buffer, name.byteOffset, name.length).toString(), size };
}

function contentStart(columns: Columns, file: number): number {
  return columns.segmentAt[columns.firstSegment[file] ?? 0] ?? 0;
}

function* pieces(columns: Columns, tail: Buffer, from: number, to: number): Generator<Piece> {
  const { files } = columns.counts;
  const directoryStart = columns.localAt[files] ?? 0;
  const directoryEnd = columns.centralAt[files] ?? 0;
  let at = from;
  if (at < Math.min(to, directoryStart)) {
    for (let i = lastAtOrBefore(columns.localAt, files, at); i < files && at < to; i++) {
      yield* filePieces(columns, i, at, Math.min(to, columns.localAt[i + 1] ?? 0));
      at = columns.localAt[i + 1] ?? 0;
    }
  }
  if (at < Math.min(to, directoryEnd)) {
    for (let i = lastAtOrBefore(columns.centralAt, files, at); i < files && at < to; i++) {
      yield madeBytes(centralHeader(entryAt(columns, i)), columns.centralAt[i] ?? 0, at, to);
      at = columns.centralAt[i + 1] ?? 0;
    }
  }
  if (at < to) yield madeBytes(tail, directoryEnd, at, to);
}

/** The part of a made record, which begins at `recordAt`, that lies within [from, to). */
function madeBytes(record: Buffer, recordAt: number, from: number, to: number): Piece {
  return {
    kind: 'bytes',
    bytes: record.subarray(Math.max(0, from - recordAt), Math.min(record.length, to - recordAt)),
  };
}

function* filePieces(columns: Columns, i: number, from: number, to: number): Generator<Piece> {
  const entry = entryAt(columns, i);
  const dataAt = entry.offset + localHeaderLength(entry.name.length, entry.size);
  if (from < dataAt) yield madeBytes(localHeader(entry), entry.offset, from, to);
  // Content positions run through all files without gaps, hence one column serves them all.
  const shift = contentStart(columns, i) - dataAt;
  const contentEnd = to + shift;
  let at = Math.max(from, dataAt) + shift;
  const pastLast = columns.firstSegment[i + 1] ?? 0;
  let segment = lastAtOrBefore(columns.segmentAt, pastLast, at, columns.firstSegment[i]);
  for (; at < contentEnd && segment < pastLast; segment++) {
    const segmentAt = columns.segmentAt[segment] ?? 0;
    const end = Math.min(contentEnd, columns.segmentAt[segment + 1] ?? 0);
    const offset = (columns.segmentOffset[segment] ?? 0) - segmentAt;
    if (end > at) yield { kind: 'pack', pack: packName(columns, segment), start: at + offset, end: end + offset };
    at = end;
  }
}

function packName(columns: Columns, segment: number): string {
  const at = 32 * (columns.segmentPack[segment] ?? 0);
  return Buffer.from(columns.packs.buffer, columns.packs.byteOffset + at, 32).toString('hex');
}

/** Joins neighbours: slices that touch in the same pack, and made bytes up to a batch. */
function* merge(source: Iterable<Piece>): Generator<Piece> {
  let slice: Extract<Piece, { kind: 'pack' }> | undefined;
  let made: Buffer[] = [];
  let madeBytes = 0;
  for (const piece of source) {
    if (piece.kind === 'pack') {
      if (madeBytes > 0) yield joined(made);
      made = [];
      madeBytes = 0;
      if (slice && slice.pack === piece.pack && slice.end === piece.start) slice.end = piece.end;
      else {
        if (slice) yield slice;
        slice = { ...piece };
      }
      continue;
    }
    if (slice) yield slice;
    slice = undefined;
    made.push(piece.bytes);
    madeBytes += piece.bytes.length;
    if (madeBytes < BATCH_BYTES) continue;
    yield joined(made);
    made = [];
    madeBytes = 0;
  }
  if (slice) yield slice;
  if (madeBytes > 0) yield joined(made);
}

function joined(parts: Buffer[]): Piece {
  const [first] = parts;
  return { kind: 'bytes', bytes: parts.length === 1 && first ? first : Buffer.concat(parts) };
}
