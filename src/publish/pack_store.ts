import { createHash } from 'node:crypto';
import { type Manifest, MIN_SEGMENT } from '../manifests/manifest.ts';
import type { KeptPack } from './reuse.ts';

/** A pack with the bytes to send, in pieces as they were read; `sha256` (hex) and `size` are those of all together. */
export interface NewPack {
  sha256: string;
  size: number;
  pieces: readonly Buffer[];
}

/** Where a stretch of a file came to lie. */
export interface Part {
  pack: { sha256: string; size: number };
  offset: number;
  length: number;
}

export interface PackStore {
  /** Where a kept pack has these bytes. */
  kept(pack: KeptPack, offset: number, length: number): Part;
  /** Makes packs of a slice alone; the parts are its place, one unless equal bytes are packed differently already. */
  own(bytes: Buffer): { parts: Part[]; packs: NewPack[] };
  /** Adds to the pack that is being filled; `packs` are those that became full. `parts` is filled once they are. */
  add(bytes: Buffer, parts: Part[]): NewPack[];
  /** The last packs. */
  end(): NewPack[];
}

/** Equal bytes are packed in too many ways to be cut once more; packing without a previous manifest resolves it. */
export class PackConflict extends Error {}

interface Slot {
  pack: { sha256: string; size: number };
  slices: string;
}

interface Waiting {
  bytes: Buffer;
  parts: Part[];
}

export function createPackStore(capacity: number): PackStore {
  const slots = new Map<string, Slot>();
  let filling: Waiting[] = [];
  let filled = 0;

  /**
   * One pack may not be cut in two ways by one manifest (overlapping slices are refused), yet equal packs can come from
   * different cuts, of zeros for example: then undefined, and the caller cuts differently.
   */
  function seal(pieces: Buffer[]): { slot: Slot; packs: NewPack[] } | undefined {
    const hash = createHash('sha256');
    for (const piece of pieces) hash.update(piece);
    const sha256 = hash.digest('hex');
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const slices = pieces.map((piece) => piece.length).join();
    const known = slots.get(sha256);
    if (known) return known.slices === slices ? { slot: known, packs: [] } : undefined;
    const slot = { pack: { sha256, size }, slices };
    slots.set(sha256, slot);
    return { slot, packs: [{ sha256, size, pieces }] };
  }

  function own(bytes: Buffer): { parts: Part[]; packs: NewPack[] } {
    const sealed = seal([bytes]);
    if (sealed) return { parts: [{ pack: sealed.slot.pack, offset: 0, length: bytes.length }], packs: sealed.packs };
    const middle = bytes.length >> 1;
    if (middle < MIN_SEGMENT) throw new PackConflict('equal bytes are packed in too many ways');
    const [head, tail] = [own(bytes.subarray(0, middle)), own(bytes.subarray(middle))];
    return { parts: [...head.parts, ...tail.parts], packs: [...head.packs, ...tail.packs] };
  }

  function flush(): NewPack[] {
    let pieces = filling;
    filling = [];
    filled = 0;
    let later: NewPack[] = [];
    let sealed = pieces.length > 0 ? seal(pieces.map((piece) => piece.bytes)) : undefined;
    while (!sealed && pieces.length > 1) {
      const last = pieces[pieces.length - 1];
      pieces = pieces.slice(0, -1);
      if (last) {
        const alone = own(last.bytes);
        last.parts.push(...alone.parts);
        later = [...alone.packs, ...later];
      }
      sealed = seal(pieces.map((piece) => piece.bytes));
    }
    if (!sealed) return pieces[0] ? ownInto(pieces[0], later) : later;
    let offset = 0;
    for (const { bytes, parts } of pieces) {
      parts.push({ pack: sealed.slot.pack, offset, length: bytes.length });
      offset += bytes.length;
    }
    return [...sealed.packs, ...later];
  }

  function ownInto(piece: Waiting, later: NewPack[]): NewPack[] {
    const alone = own(piece.bytes);
    piece.parts.push(...alone.parts);
    return [...alone.packs, ...later];
  }

  return {
    kept(pack, offset, length) {
      const slot = slots.get(pack.sha256) ?? { pack, slices: pack.slices.join() };
      slots.set(pack.sha256, slot);
      return { pack: slot.pack, offset, length };
    },
    own,
    add(bytes, parts) {
      const packs = filled + bytes.length > capacity ? flush() : [];
      filling.push({ bytes, parts });
      filled += bytes.length;
      return packs;
    },
    end: flush,
  };
}

/** Files in the order given; packs in the order in which files need them. */
export function buildManifest(
  files: Iterable<{ path: string; size: number; sha256: string; parts: readonly Part[] }>,
): Manifest {
  const index = new Map<string, number>();
  const manifest: Manifest = { v: 3, packs: [], files: [] };
  for (const { path, size, sha256, parts } of files) {
    const segments = parts.map(({ pack, offset, length }) => {
      let at = index.get(pack.sha256);
      if (at === undefined) {
        at = manifest.packs.push({ sha256: pack.sha256, size: pack.size }) - 1;
        index.set(pack.sha256, at);
      }
      return { pack: at, offset, length };
    });
    manifest.files.push({ path, size, sha256, segments });
  }
  return manifest;
}
