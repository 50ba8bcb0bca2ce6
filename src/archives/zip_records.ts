/**
 * The records of a ZIP file (PKWARE APPNOTE 6.3.10, section in brackets), for stored entries with known sizes.
 * Every field depends on its arguments alone: the same content gives the same bytes, for ever.
 */

/** A 32-bit field that holds this says: look into the ZIP64 extra field [4.4.8]. */
const MAX32 = 0xffff_ffff;
const MAX16 = 0xffff;
/** 1980-01-01 00:00:00, the first moment of DOS time [4.4.6]. */
const DOS_DATE = 0x0021;
/** Bit 11: names are UTF-8 [4.4.4]. */
const UTF8 = 0x0800;
/** Unix (3), specification 4.5 [4.4.2]: external attributes hold a file mode. */
const MADE_BY = (3 << 8) | 45;
const REGULAR_FILE_0644 = (0o100644 << 16) >>> 0;
const PLAIN = 10;
const ZIP64 = 45;

export interface Entry {
  name: Uint8Array;
  size: number;
  crc32: number;
  /** Where its local header begins. */
  offset: number;
}

export function localHeaderLength(nameLength: number, size: number): number {
  return 30 + nameLength + (size >= MAX32 ? 20 : 0);
}

/** [4.3.7]; the ZIP64 extra of a local header must hold both sizes [4.5.3]. */
export function localHeader({ name, size, crc32 }: Entry): Buffer {
  const big = size >= MAX32;
  const header = Buffer.alloc(localHeaderLength(name.length, size));
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(big ? ZIP64 : PLAIN, 4);
  header.writeUInt16LE(UTF8, 6);
  header.writeUInt16LE(DOS_DATE, 12);
  header.writeUInt32LE(crc32, 14);
  header.writeUInt32LE(big ? MAX32 : size, 18);
  header.writeUInt32LE(big ? MAX32 : size, 22);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(big ? 20 : 0, 28);
  header.set(name, 30);
  if (big) writeZip64Extra(header, 30 + name.length, [size, size]);
  return header;
}

export function centralHeaderLength(nameLength: number, size: number, offset: number): number {
  const fields = (size >= MAX32 ? 2 : 0) + (offset >= MAX32 ? 1 : 0);
  return 46 + nameLength + (fields > 0 ? 4 + 8 * fields : 0);
}

/** [4.3.12]; its ZIP64 extra holds only the fields that overflow, in this order [4.5.3]. */
export function centralHeader({ name, size, crc32, offset }: Entry): Buffer {
  const header = Buffer.alloc(centralHeaderLength(name.length, size, offset));
  const extra = [...(size >= MAX32 ? [size, size] : []), ...(offset >= MAX32 ? [offset] : [])];
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY, 4);
  header.writeUInt16LE(extra.length > 0 ? ZIP64 : PLAIN, 6);
  header.writeUInt16LE(UTF8, 8);
  header.writeUInt16LE(DOS_DATE, 14);
  header.writeUInt32LE(crc32, 16);
  header.writeUInt32LE(Math.min(size, MAX32), 20);
  header.writeUInt32LE(Math.min(size, MAX32), 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length > 0 ? 4 + 8 * extra.length : 0, 30);
  header.writeUInt32LE(REGULAR_FILE_0644, 38);
  header.writeUInt32LE(Math.min(offset, MAX32), 42);
  header.set(name, 46);
  if (extra.length > 0) writeZip64Extra(header, 46 + name.length, extra);
  return header;
}

function writeZip64Extra(into: Buffer, at: number, values: number[]): void {
  into.writeUInt16LE(0x0001, at);
  into.writeUInt16LE(8 * values.length, at + 2);
  for (const [i, value] of values.entries()) into.writeBigUInt64LE(BigInt(value), at + 4 + 8 * i);
}

/** What follows the central directory: [4.3.14] and [4.3.15] where a field of [4.3.16] overflows, then that. */
export function archiveTail(directory: { entries: number; start: number; end: number }): Buffer {
  const { entries, start, end } = directory;
  const length = end - start;
  const classic = Buffer.alloc(22);
  classic.writeUInt32LE(0x06054b50, 0);
  classic.writeUInt16LE(Math.min(entries, MAX16), 8);
  classic.writeUInt16LE(Math.min(entries, MAX16), 10);
  classic.writeUInt32LE(Math.min(length, MAX32), 12);
  classic.writeUInt32LE(Math.min(start, MAX32), 16);
  if (entries < MAX16 && length < MAX32 && start < MAX32) return classic;

  const big = Buffer.alloc(76);
  big.writeUInt32LE(0x06064b50, 0);
  big.writeBigUInt64LE(44n, 4);
  big.writeUInt16LE(MADE_BY, 12);
  big.writeUInt16LE(ZIP64, 14);
  big.writeBigUInt64LE(BigInt(entries), 24);
  big.writeBigUInt64LE(BigInt(entries), 32);
  big.writeBigUInt64LE(BigInt(length), 40);
  big.writeBigUInt64LE(BigInt(start), 48);
  big.writeUInt32LE(0x07064b50, 56);
  big.writeBigUInt64LE(BigInt(end), 64);
  big.writeUInt32LE(1, 72);
  return Buffer.concat([big, classic]);
}
