import { createHash } from 'node:crypto';
import { parse } from 'lossless-json';
import { requireShallow } from './depth.ts';

/**
 * JSON with every number as the text that was sent: Shopify's ids are larger than a double, and prices are decimal. Takes
 * what `JSON.parse` takes, of a key that is there twice the last too, unless it is nested deeper than any vendor does.
 */
export function parseExact(text: string): unknown {
  requireShallow(text);
  return parse(text, undefined, { parseNumber: (number) => number, onDuplicateKey: ({ newValue }) => newValue });
}

/** What lies at the path; undefined where the payload has another shape. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Text that the database can store, trimmed, however long; null where there is none. */
export function wholeAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  if (typeof found !== 'string') return null;
  const text = found.replaceAll('\0', '').toWellFormed().trim();
  return text === '' ? null : text;
}

const LONGEST = 200;

/** Text to be read by somebody: cut to 200 characters. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  return (
    wholeAt(value, ...path)
      ?.slice(0, LONGEST)
      .toWellFormed() ?? null
  );
}

/** The vendor's name of something, in 200 characters: of a longer one the end is hashed, so that no two become one. */
export function nameAt(value: unknown, ...path: readonly string[]): string | null {
  const text = wholeAt(value, ...path);
  if (text === null || text.length <= LONGEST) return text;
  const hash = createHash('sha256').update(text).digest('base64url');
  return `${text.slice(0, LONGEST - hash.length - 1).toWellFormed()} ${hash}`;
}

/** A whole number of pieces; 1 where the payload does not say. */
export function quantityAt(value: unknown, ...path: readonly string[]): number {
  const text = textAt(value, ...path);
  const quantity = text === null ? 1 : Number(text);
  return Number.isFinite(quantity) ? Math.trunc(quantity) : 1;
}

/** A whole number, of any size and sign. */
export function integerAt(value: unknown, ...path: readonly string[]): bigint | null {
  const text = textAt(value, ...path);
  return text === null || !/^-?\d{1,18}$/.test(text) ? null : BigInt(text);
}

/** Seconds since 1970, as Stripe counts. */
export function secondsAt(value: unknown, ...path: readonly string[]): Date | null {
  const text = textAt(value, ...path);
  return text === null ? null : new Date(/^\d+$/.test(text) ? Number(text) * 1000 : NaN);
}

/** A time in words (RFC 3339), or in milliseconds since 1970; an invalid date where it is neither. */
export function timeAt(value: unknown, ...path: readonly string[]): Date | null {
  const text = textAt(value, ...path);
  return text === null ? null : new Date(/^\d{12,14}$/.test(text) ? Number(text) : text);
}

/** Names without gaps and repetitions. */
export function names(...found: readonly (string | null)[]): string[] {
  return [...new Set(found.filter((name) => name !== null && name !== '0'))] as string[];
}

/** What tells a line from the others of its order: the best of its names, else where it stands. */
export function keyOf(position: number, ...found: readonly (string | null)[]): string {
  return names(...found)[0] ?? `#${position + 1}`;
}
