import type { Manifest, ManifestFile, Segment } from './manifest.ts';

/** Bytes [start, end) of a pack that are fetched at once. */
export interface Span {
  readonly pack: number;
  readonly start: number;
  readonly end: number;
  /** The whole pack, so that its own SHA-256 can be checked. */
  readonly whole: boolean;
}

export interface Plan {
  /** The span that holds the segment. */
  spanOf(segment: Segment): Span;
  /** Bytes to fetch for these files when every span is fetched once. */
  bytesOf(files: readonly ManifestFile[]): number;
}

/** A link opens only what its version refers to, so the spans are the union of all segments, joined where they touch. */
export function planSpans({ packs, files }: Manifest): Plan {
  const segments = packs.map((): Segment[] => []);
  for (const file of files) for (const segment of file.segments) segments[segment.pack]?.push(segment);
  const spans = packs.map(({ size }, pack) => join(pack, size, segments[pack] ?? []));

  function spanOf({ pack, offset, length }: Segment): Span {
    const list = spans[pack] ?? [];
    let low = 0;
    let high = list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((list[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const span = list[low];
    if (!span || offset < span.start || offset + length > span.end) throw new Error('the manifest contradicts itself');
    return span;
  }

  function bytesOf(wanted: readonly ManifestFile[]): number {
    const needed = new Set(wanted.flatMap((file) => file.segments.map(spanOf)));
    let bytes = 0;
    for (const { start, end } of needed) bytes += end - start;
    return bytes;
  }

  return { spanOf, bytesOf };
}

function join(pack: number, size: number, segments: Segment[]): Span[] {
  const joined: { start: number; end: number }[] = [];
  for (const { offset, length } of segments.sort((a, b) => a.offset - b.offset)) {
    const last = joined.at(-1);
    if (last && offset <= last.end) last.end = Math.max(last.end, offset + length);
    else joined.push({ start: offset, end: offset + length });
  }
  return joined.map(({ start, end }) => ({ pack, start, end, whole: start === 0 && end === size }));
}

/** Files in the order of their bytes in the packs, so that each pack is fetched once and let go. */
export function inPackOrder(files: readonly ManifestFile[]): ManifestFile[] {
  const at = ({ segments: [first] }: ManifestFile) => (first ? first.pack * 2 ** 24 + first.offset : -1);
  return [...files].sort((a, b) => at(a) - at(b));
}
