import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';

/** A page of a list, newest first: `before` is the id that the page ends above, `limit` its largest length. */
export interface Page {
  readonly limit: number;
  readonly before: string | undefined;
}

const DEFAULT_LIMIT = 50;

/** The page that `limit` and `cursor` ask for. A cursor is an opaque name for the last id of the page before. */
export function pageOf({ limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string }): Page {
  if (cursor === undefined) return { limit, before: undefined };
  const before = parseId(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (before === undefined) throw fail('invalid_format', { field: 'cursor' });
  return { limit, before };
}

interface Listing {
  readonly publicUrl: string;
  /** Path and query of the request. */
  readonly url: string;
}

/**
 * Cuts rows that were read one over the limit and names the next page (RFC 8288), with the filters of this request.
 * No `Link` on the last page.
 */
export function paginate<T extends { id: string }>(
  rows: T[],
  { limit }: Page,
  { publicUrl, url }: Listing,
): { rows: T[]; headers: { Link?: string } } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { rows: page, headers: {} };
  const next = new URL(url, publicUrl);
  const target = new URL(publicUrl + next.pathname);
  target.search = next.search;
  target.searchParams.set('cursor', cursorAfter(last.id));
  target.searchParams.set('limit', String(limit));
  return { rows: page, headers: { Link: `<${target.href}>; rel="next"` } };
}

/** The name of the page that follows the row. */
export function cursorAfter(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url');
}
