import { MIN_SEGMENT } from '../manifests/manifest.ts';

/** Packs are filled to this, and a longer stretch of a file is cut into slices of it, each a pack of its own. */
export const SLICE = 7 * 1024 * 1024;
/** No pack is larger. When all there is to store fits, it becomes one pack. */
export const MAX_PACK = 8_000_000;

/** A stretch of a file, bytes [start, start + length). */
export interface Cut {
  start: number;
  length: number;
  /** It makes a pack alone, so that an equal stretch elsewhere, or in the next version, has the same pack. */
  own: boolean;
}

/**
 * Cuts a stretch into full slices and a tail. `last`: it ends the file; otherwise the tail may not fall below the
 * shortest segment that a manifest allows, and the slice before it gives way.
 */
export function cut(start: number, length: number, last: boolean, capacity: number): Cut[] {
  if (length === 0) return [];
  if (length <= capacity && capacity > SLICE) return [{ start, length, own: false }];
  const cuts: Cut[] = [];
  let at = start;
  const end = start + length;
  while (end - at >= SLICE) {
    const rest = end - at - SLICE;
    const short = !last && rest > 0 && rest < MIN_SEGMENT;
    const size = short ? SLICE - MIN_SEGMENT : SLICE;
    cuts.push({ start: at, length: size, own: !short });
    at += size;
  }
  if (at < end) cuts.push({ start: at, length: end - at, own: false });
  return cuts;
}
