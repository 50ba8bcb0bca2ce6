import type { IncomingMessage } from 'node:http';
import { fail } from '../errors/fail.ts';

/** The bytes of a request body that bypasses the body parser; more than `limit` bytes is 413. */
export async function readRaw(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw fail('payload_too_large', { headers: { Connection: 'close' } });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
