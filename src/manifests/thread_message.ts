import type { ManifestLimits, Refused } from './check.ts';
import type { PublishBody, PublishResult } from './publish_body.ts';

/** What crosses between the threads: columns that are moved or copied in one go, not 200,000 objects to clone. */
export interface ThreadTask {
  bytes: Uint8Array;
  limits: ManifestLimits;
}

export type ThreadAnswer = PackedBody | Refused;

type PackedBody = Omit<PublishBody, 'manifestBytes' | 'packs'> & {
  manifestBytes: Uint8Array;
  /** 64 hex digits each, joined. */
  packHashes: string;
  packSizes: Float64Array;
};

export function packAnswer(result: PublishResult): { answer: ThreadAnswer; transfer: ArrayBuffer[] } {
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

export function unpackAnswer(answer: ThreadAnswer): PublishResult {
  if (!answer.ok) return answer;
  const { packHashes, packSizes, manifestBytes, ...rest } = answer;
  const packs = Array.from(packSizes, (size, at) => ({ sha256: packHashes.slice(at * 64, at * 64 + 64), size }));
  const { buffer, byteOffset, byteLength } = manifestBytes;
  return { ...rest, packs, manifestBytes: Buffer.from(buffer, byteOffset, byteLength) };
}

/** The bytes in a buffer that holds nothing else, so that it may be moved; small Node buffers share a pool. */
export function ownBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength && bytes.byteLength > 8_192 ? bytes : Uint8Array.from(bytes);
}
