import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes a blob's bytes to `sink`, which it leaves open; `onBytes` gets each count that was handed over. A client that
 * goes away ends it, which is no failure. Rejects on a storage error and leaves `sink` to the caller, who must destroy
 * it if bytes are out already: nobody may take a part for the whole.
 */
export async function pourBlob(bytes: Readable, sink: Writable, onBytes?: (count: number) => void): Promise<void> {
  async function* counting(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      yield chunk;
      onBytes?.(chunk.length);
    }
  }
  try {
    await pipeline(bytes, counting, sink, { end: false });
  } catch (error) {
    if (!sink.destroyed) throw error;
  }
}
