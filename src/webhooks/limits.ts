import type { Change } from './change.ts';

/** A payment has a handful of names. Each is locked, and PostgreSQL has room for some thousands of locks. */
const MOST_REFERENCES = 20;
/** Shops let an order have 500. */
const MOST_LINES = 500;

/** Why a report is not applied that is larger than any order; undefined for all others. */
export function excessOf(change: Change): string | undefined {
  if (change.references.length > MOST_REFERENCES) return `it names more than ${MOST_REFERENCES} payments`;
  const returned = change.kind === 'sale' ? change.returned : undefined;
  const lines = change.kind === 'relation' ? undefined : change.lines;
  return [lines, returned].some((list) => list && list.length > MOST_LINES)
    ? `it has more than ${MOST_LINES} lines`
    : undefined;
}
