import type { GroupBy } from '../analytics/rules.ts';

const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
const DAY = format({ day: 'numeric', month: 'short', year: 'numeric' });
const SHORT = format({ day: 'numeric', month: 'short' });
const MONTH = format({ month: 'short', year: 'numeric' });

const dateOf = (day: string) => new Date(`${day}T00:00:00Z`);

/** `2026-03-30` as people write it. */
export const dayWords = (day: string): string => DAY.format(dateOf(day));

/** The group that starts on this day. */
export function groupWords(start: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return MONTH.format(dateOf(start));
  return groupBy === 'week' ? `Week of ${dayWords(start)}` : dayWords(start);
}

/** The same below a chart, where there is little room: days are too few there to be of two years. */
export function groupMark(start: string, groupBy: GroupBy): string {
  if (groupBy === 'month') return MONTH.format(dateOf(start));
  return groupBy === 'week' ? dayWords(start) : SHORT.format(dateOf(start));
}
