import { parse } from 'lossless-json';
import { normaliseEmail } from '../users/email.ts';

/** JSON with every number as the text that was sent: Shopify's ids are larger than a double, and prices are decimal. */
export function parseExact(text: string): unknown {
  return parse(text, undefined, (number) => number);
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

const LONGEST = 200;

/** Text that the database can store and that names something: trimmed, cut to 200 characters; else null. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = at(value, ...path);
  if (typeof found !== 'string') return null;
  const text = found.replaceAll('\0', '').toWellFormed().trim().slice(0, LONGEST).toWellFormed();
  return text === '' ? null : text;
}

export function emailAt(value: unknown, ...path: readonly string[]): string | null {
  const text = textAt(value, ...path);
  if (text === null || text.length > 254 || !/^[^\s@]+@[^\s@]+$/.test(text)) return null;
  return normaliseEmail(text);
}

/** A whole number of pieces; 1 where the payload does not say. */
export function quantityAt(value: unknown, ...path: readonly string[]): number {
  const text = textAt(value, ...path);
  const quantity = text === null ? 1 : Number(text);
  return Number.isFinite(quantity) ? Math.trunc(quantity) : 1;
}

/** Seconds since 1970, as Stripe counts. */
export function secondsAt(value: unknown, ...path: readonly string[]): Date | null {
  const text = textAt(value, ...path);
  return text === null || !/^\d{1,12}$/.test(text) ? null : new Date(Number(text) * 1000);
}

/** A time in words (RFC 3339), or in milliseconds since 1970. */
export function timeAt(value: unknown, ...path: readonly string[]): Date | null {
  const text = textAt(value, ...path);
  if (text === null) return null;
  const time = new Date(/^\d{12,14}$/.test(text) ? Number(text) : text);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** Names without gaps and repetitions. */
export function names(...found: readonly (string | null)[]): string[] {
  return [...new Set(found.filter((name) => name !== null && name !== '0'))] as string[];
}
