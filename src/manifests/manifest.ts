/** Manifest v3: which slices of which packs make each file. Sizes, offsets and lengths are bytes. */
export interface Manifest {
  v: 3;
  packs: ManifestPack[];
  files: ManifestFile[];
}

export interface ManifestPack {
  /** Lower-case hex. */
  sha256: string;
  size: number;
}

export interface ManifestFile {
  /** Relative, NFC, `/`-separated; the rules are in paths.ts. */
  path: string;
  size: number;
  sha256: string;
  /** In order; empty for a file of 0 bytes. */
  segments: ManifestSegment[];
}

export interface ManifestSegment {
  /** Index into `packs`. */
  pack: number;
  offset: number;
  length: number;
}

export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
/** Of the request body that carries a manifest: room for the fields around it. */
export const MAX_BODY_BYTES = MAX_MANIFEST_BYTES + 64 * 1024;
export const MAX_PACKS = 1_000_000;
export const MAX_FILES = 200_000;
/** A server accepts packs up to this size; our own packer stays far below. */
export const MAX_PACK_SIZE = 16 * 1024 * 1024;
/** Every segment of a file but its last is at least this long, which bounds the number of reads per byte. */
export const MIN_SEGMENT = 65_536;
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
