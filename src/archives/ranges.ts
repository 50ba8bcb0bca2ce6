/** What a download request gets; `start` and `end` bound the body, [start, end). */
export type RangeDecision = { status: 200 | 206; start: number; end: number } | { status: 304 | 416 };

export interface ConditionalHeaders {
  range?: string | undefined;
  ifRange?: string | undefined;
  ifNoneMatch?: string | undefined;
}

/** The order of RFC 9110 §13.2.2. `etag` is quoted and strong; Range counts for GET alone (§14.2). */
export function decideRange(
  method: string,
  headers: ConditionalHeaders,
  { size, etag }: { size: number; etag: string },
): RangeDecision {
  const { ifNoneMatch, ifRange } = headers;
  if (isKnown(ifNoneMatch, etag)) return { status: 304 };
  const whole = { status: 200, start: 0, end: size } as const;
  if (method !== 'GET' || headers.range === undefined) return whole;
  // §13.1.5: compared strongly; a date never matches, since we send no Last-Modified.
  if (ifRange !== undefined && ifRange.trim() !== etag) return whole;
  const range = parseRange(headers.range, size);
  if (range === undefined) return whole;
  return range === 'unsatisfiable' ? { status: 416 } : { status: 206, ...range };
}

/**
 * One range of RFC 9110 §14.1.2. Undefined means: ignore the field, because it is malformed, of another unit, or asks
 * for several ranges at once (§14.2 allows that).
 */
export function parseRange(field: string, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(field.trim());
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Number(last);
    if (length === 0) return 'unsatisfiable';
    // An empty suffix of an empty representation cannot be written as a Content-Range.
    return size === 0 ? undefined : { start: Math.max(0, size - length), end: size };
  }
  if (last !== '' && BigInt(last) < BigInt(first)) return undefined;
  const start = Number(first);
  if (start >= size) return 'unsatisfiable';
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** Whether If-None-Match says that the client has the representation already (§13.1.2: compared weakly). */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  for (const [, tag] of ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)) if (tag === etag) return true;
  return false;
}
