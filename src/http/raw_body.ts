import type { IncomingMessage } from 'node:http';
import { fail } from '../errors/fail.ts';

/**
 * The bytes of a request body that bypasses the body parser; more than `limit` bytes is 413. An announced length is
 * allocated at once: joining the chunks of 64 MiB at the end would hold up every other request. `take` is told of the bytes of
 * each chunk, and may refuse them.
 */
export async function readRaw(
  request: IncomingMessage,
  limit: number,
  take: (bytes: number) => void = () => undefined,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  const whole = announced <= limit ? Buffer.allocUnsafeSlow(announced) : undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Ending the loop early must not destroy the request: the answer could not be read.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    try {
      if (size + chunk.length > limit) throw fail('payload_too_large', { headers: { Connection: 'close' } });
      take(chunk.length);
    } catch (error) {
      request.resume();
      throw error;
    }
    if (whole) chunk.copy(whole, size);
    else chunks.push(chunk);
    size += chunk.length;
  }
  return whole ?? Buffer.concat(chunks, size);
}

/** Hands the body's bytes to `use` as they come; a body of none is `is_blank`. Where that ends early, the rest is read and dropped, so that the answer arrives. */
export async function useRaw<T>(
  request: IncomingMessage,
  use: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const { headers } = request;
  const length = headers['content-length'];
  if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) throw fail('is_blank');
  try {
    return await use(request.iterator({ destroyOnReturn: false }));
  } catch (error) {
    request.resume();
    throw error;
  }
}
