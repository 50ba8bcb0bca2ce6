import { type FieldErrors, failFields } from '../errors/fail.ts';

/**
 * The query string as a flat record of strings. A parameter given twice or with a bad percent escape is
 * `invalid_format`; on an open query only the documented parameters are looked at, the rest is ignored.
 */
export function parseQuery(text: string, known: (name: string) => boolean): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  if (text === '') return query;
  const errors: FieldErrors = Object.create(null);
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at)) ?? pair;
    const value = decode(at < 0 ? '' : pair.slice(at + 1));
    if (!known(name)) continue;
    if (value === undefined || name in query || !isCleanText(value)) errors[name] = ['invalid_format'];
    else query[name] = value;
  }
  if (Object.keys(errors).length > 0) throw failFields(errors);
  return query;
}

/** Text that PostgreSQL can store as it is: no NUL, no lone surrogate. */
export function isCleanText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
