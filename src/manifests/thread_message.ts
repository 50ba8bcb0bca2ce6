import type { ManifestLimits, Refused } from './check.ts';
import type { ContentBody } from './publish_body.ts';

/** What crosses between the threads: columns that are moved or copied in one go, not 200,000 objects to clone. */
export interface ThreadTask {
  /** Whose body it is. */
  kind: 'publish' | 'artifact';
  bytes: Uint8Array;
  limits: ManifestLimits;
}

export type ThreadAnswer<T extends ContentBody = ContentBody> = PackedBody<T> | Refused;

type PackedBody<T> = Omit<T, 'manifestBytes' | 'packs'> & {
  manifestBytes: Uint8Array;
  /** 64 hex digits each, joined. */
  packHashes: string;
  packSizes: Float64Array;
};

export function packAnswer<T extends ContentBody>(
  result: T | Refused,
): { answer: ThreadAnswer<T>; transfer: ArrayBuffer[] } {
  if (!result.ok) return { answer: { ok: false, errors: { ...result.errors } }, transfer: [] };
  const { packs, manifestBytes, ...rest } = result;
  const owned = ownBuffer(manifestBytes);
  const packSizes = Float64Array.from(packs, (pack) => pack.size);
  const packHashes = packs.map((pack) => pack.sha256).join('');
  return {
    answer: { ...rest, manifestBytes: owned, packHashes, packSizes },
    transfer: [owned.buffer as ArrayBuffer, packSizes.buffer],
  };
}

export function unpackAnswer<T extends ContentBody>(answer: ThreadAnswer<T>): T | Refused {
  if (!answer.ok) return answer as Refused;
  const { packHashes, packSizes, manifestBytes, ...rest } = answer as PackedBody<ContentBody>;
  const packs = Array.from(packSizes, (size, at) => ({ sha256: packHashes.slice(at * 64, at * 64 + 64), size }));
  const { buffer, byteOffset, byteLength } = manifestBytes;
  return { ...rest, packs, manifestBytes: Buffer.from(buffer, byteOffset, byteLength) } as ContentBody as T;
}

/** The bytes in a buffer that holds nothing else, so that it may be moved; small Node buffers share a pool. */
export function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength > 8_192 ? bytes : Uint8Array.from(bytes);
}
