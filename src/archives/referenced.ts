import type { Columns } from './index_format.ts';

/** Which bytes of a pack the files of a version are made of. */
export interface Referenced {
  /** The pack's place among those of the version. */
  number: number;
  /** Sorted, disjoint, [start, end) each; neighbours that touch are one. Empty when the version has no such pack. */
  spans: { start: number; end: number }[];
}

/** @param pack SHA-256, hex */
export function referencedIn(columns: Columns, pack: string): Referenced {
  const number = packNumber(columns, Buffer.from(pack, 'hex'));
  return { number, spans: number < 0 ? [] : spansOf(columns, number) };
}

/** Distinct bytes of all packs together that the files are made of. */
export function referencedBytes(columns: Columns): number {
  let total = 0;
  const seen = new Set<number>();
  for (let i = 0; i < columns.counts.segments; i++) {
    const slice = (columns.segmentPack[i] ?? 0) * 2 ** 32 + (columns.segmentOffset[i] ?? 0);
    if (seen.has(slice)) continue;
    seen.add(slice);
    total += segmentLength(columns, i);
  }
  return total;
}

function packNumber({ packs, counts }: Columns, hash: Buffer): number {
  for (let i = 0; i < counts.packs; i++) if (hash.equals(packs.subarray(32 * i, 32 * i + 32))) return i;
  return -1;
}

function spansOf(columns: Columns, number: number): Referenced['spans'] {
  const slices: Referenced['spans'] = [];
  for (let i = 0; i < columns.counts.segments; i++) {
    if (columns.segmentPack[i] !== number) continue;
    const start = columns.segmentOffset[i] ?? 0;
    slices.push({ start, end: start + segmentLength(columns, i) });
  }
  const spans: Referenced['spans'] = [];
  for (const slice of slices.sort((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last && slice.start <= last.end) last.end = Math.max(last.end, slice.end);
    else spans.push(slice);
  }
  return spans;
}

function segmentLength({ segmentAt }: Columns, i: number): number {
  return (segmentAt[i + 1] ?? 0) - (segmentAt[i] ?? 0);
}
