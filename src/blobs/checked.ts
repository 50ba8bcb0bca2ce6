import { createHash } from 'node:crypto';
import { BlobMismatch, BlobTooLarge } from './store.ts';

export interface Expectation {
  sha256?: string;
  size?: number;
  maxSize: number;
}

/**
 * Hands each chunk to `sink` while hashing and counting, then compares with what was announced. Stops reading at the
 * first byte too many. Chunks belong to the sink once yielded: a source must not reuse them.
 */
export async function consumeChecked(
  key: string,
  bytes: AsyncIterable<Uint8Array>,
  expect: Expectation,
  sink: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > expect.maxSize) throw new BlobTooLarge(key, expect.maxSize);
    if (expect.size !== undefined && size > expect.size) throw new BlobMismatch(key, 'size');
    hash.update(chunk);
    const pending = sink(chunk);
    if (pending !== undefined) await pending;
  }
  if (expect.size !== undefined && size !== expect.size) throw new BlobMismatch(key, 'size');
  const sha256 = hash.digest('hex');
  if (expect.sha256 !== undefined && sha256 !== expect.sha256) throw new BlobMismatch(key, 'sha256');
  return { sha256, size };
}
