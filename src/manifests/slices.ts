/** What one segment needs to be compared with the others of its pack. */
export interface Slice {
  pack: number;
  offset: number;
  length: number;
  /** Where it stands: index of the file, index of the segment in it. */
  file: number;
  segment: number;
}

/**
 * The slices that overlap another without being the same (same pack, offset and length); two files may share a slice,
 * or else a pack of n bytes could be asked for in n² different ways. Sorts the array it is given.
 */
export function overlapping(slices: Slice[], limit: number): Slice[] {
  slices.sort((a, b) => a.pack - b.pack || a.offset - b.offset || a.length - b.length);
  const found: Slice[] = [];
  let last: Slice | undefined;
  for (const slice of slices) {
    if (last && slice.pack === last.pack && slice.offset < last.offset + last.length) {
      if (slice.offset === last.offset && slice.length === last.length) continue;
      found.push(slice);
      if (found.length >= limit) break;
      if (slice.offset + slice.length <= last.offset + last.length) continue;
    }
    last = slice;
  }
  return found;
}
