import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '../errors/catalogue.ts';
import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import { readRaw } from '../http/raw_body.ts';
import type { Refused } from './check.ts';
import { type ManifestPool, ManifestPoolBusy } from './pool.ts';
import type { ContentBody } from './publish_body.ts';

interface Work<T extends ContentBody, R> {
  parse(bytes: Buffer): Promise<T | Refused>;
  use(body: T): Promise<R>;
}

/** Reads a body that has a manifest in it, as soon as there is room for one so large, and hands it over when it is sound. */
export function receive<T extends ContentBody, R>(
  pool: Pick<ManifestPool, 'hold'>,
  request: IncomingMessage,
  maxBody: number,
  { parse, use }: Work<T, R>,
): Promise<R> {
  const work = async () => {
    const parsed = await parse(await readRaw(request, maxBody));
    if (!parsed.ok) throw failFields(parsed.errors as Record<string, ErrorCode[]> satisfies FieldErrors);
    return use(parsed);
  };
  return pool.hold(announced(request), work).catch(busy(request));
}

function announced({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The body that was not wanted is read and dropped, so that the answer arrives. */
function busy(request: IncomingMessage): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof ManifestPoolBusy)) throw cause;
    request.resume();
    throw fail('unavailable', { cause, headers: { 'Retry-After': '5' } });
  };
}
