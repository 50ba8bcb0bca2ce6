import type { Manifest, ManifestSegment } from '../manifests/manifest.ts';

/** A pack that is stored already and is taken over whole. */
export interface KeptPack {
  sha256: string;
  size: number;
  /** Lengths of its slices in order of offset: they cover it without a gap. */
  slices: number[];
}

/** One stretch of a file that did not change: in a kept pack, or to be packed anew. */
export interface OldPart {
  start: number;
  length: number;
  kept?: { pack: KeptPack; offset: number };
}

export interface Reuse {
  packs: KeptPack[];
  /** By SHA-256 of the file, for the files of the new version that the previous one has. */
  files: Map<string, OldPart[]>;
}

/**
 * Keeps a pack of the previous version only when every byte of it belongs to files of the new one: otherwise a buyer
 * of the new version could be given bytes of the old one.
 */
export function planReuse(wanted: Iterable<string>, previous: Manifest): Reuse {
  const segmentsOf = new Map<string, ManifestSegment[]>();
  for (const file of previous.files) if (!segmentsOf.has(file.sha256)) segmentsOf.set(file.sha256, file.segments);
  const slices: Map<number, number>[] = previous.packs.map(() => new Map());
  const found = new Map<string, ManifestSegment[]>();
  for (const sha256 of wanted) {
    const segments = segmentsOf.get(sha256);
    if (!segments || found.has(sha256)) continue;
    found.set(sha256, segments);
    for (const { pack, offset, length } of segments) slices[pack]?.set(offset, length);
  }
  const packs = previous.packs.map(({ sha256, size }, index): KeptPack | undefined => {
    const sorted = [...(slices[index] ?? [])].sort(([a], [b]) => a - b);
    const lengths = sorted.map(([, length]) => length);
    return lengths.reduce((sum, length) => sum + length, 0) === size ? { sha256, size, slices: lengths } : undefined;
  });
  const files = new Map<string, OldPart[]>();
  for (const [sha256, segments] of found) files.set(sha256, oldParts(segments, packs));
  return { packs: packs.filter((pack) => pack !== undefined), files };
}

function oldParts(segments: ManifestSegment[], packs: (KeptPack | undefined)[]): OldPart[] {
  let start = 0;
  return segments.map(({ pack: index, offset, length }) => {
    const pack = packs[index];
    const part: OldPart = { start, length, ...(pack && { kept: { pack, offset } }) };
    start += length;
    return part;
  });
}
