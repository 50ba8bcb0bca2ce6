import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fail } from '../errors/fail.ts';
import { readRaw } from './raw_body.ts';

const MIB = 1024 * 1024;

/** Bytes of bodies in memory whose signature was not looked at yet: anybody may send them, and leave them unfinished. */
const MOST_HELD = 64 * MIB;

/** As large as reports are; those find their way past larger ones that fill the memory. */
const SMALL = 64 * 1024;

let held = 0;

/** What `use` answers of the body, which counts as unverified until then. Fails with `unavailable` where too much does. */
export async function holding<T>(
  request: IncomingMessage,
  limit: number,
  use: (raw: Buffer) => Promise<T>,
): Promise<T> {
  let mine = 0;
  const take = (bytes: number) => {
    mine += bytes;
    held += bytes;
    if (held > MOST_HELD && mine > SMALL)
      throw fail('unavailable', { headers: { 'Retry-After': '10', Connection: 'close' } });
  };
  try {
    return await use(await readRaw(request, limit, take));
  } finally {
    held -= mine;
  }
}

const BEGINNING = 1024;

/** The beginning of a body that nobody waits for: it is read as long as any other, and not kept. */
export async function skim(request: IncomingMessage, limit: number): Promise<Buffer> {
  const likeAnyOther = createHmac('sha256', 'nobody');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (size < BEGINNING) chunks.push(Buffer.from(chunk.subarray(0, BEGINNING - size)));
    size += chunk.length;
    if (size > limit) {
      request.resume();
      throw fail('payload_too_large', { headers: { Connection: 'close' } });
    }
    likeAnyOther.update(chunk);
  }
  return Buffer.concat(chunks);
}
