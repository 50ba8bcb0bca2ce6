import type { AnalyticsFilter } from '../analytics/queries.ts';
import { type Range, rangeOf } from '../analytics/rules.ts';
import { fail } from '../errors/fail.ts';

/** What the overview is to show; days are empty where nobody chose any. */
export interface Chosen {
  readonly from: string;
  readonly to: string;
  readonly product: string;
}

export function chosenIn(query: URLSearchParams): Chosen {
  const [from = '', to = '', product = ''] = ['from', 'to', 'product'].map((name) => query.get(name)?.trim() ?? '');
  return { from, to, product };
}

/** Fails with `invalid_format` at `from` or `to`. */
export function filterOf({ from, to, product }: Chosen, now: Date): AnalyticsFilter {
  const range = rangeOf({ from: dayOf('from', from), to: dayOf('to', to) }, now);
  return { ...range, groupBy: groupingOf(range), productId: product === '' ? undefined : product };
}

function dayOf(field: 'from' | 'to', text: string): string | undefined {
  if (text === '') return undefined;
  if (!isDay(text)) throw fail('invalid_format', { field });
  return text;
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // JavaScript takes 31 February for 3 March.
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === text;
}

/** Why the first day was refused. */
export function wrongFrom({ from, to }: Chosen, now: Date): string {
  if (!isDay(from)) return 'This must be a day.';
  if (to === '' && from > now.toISOString().slice(0, 10)) return 'This day is still to come.';
  return to !== '' && from > to ? 'This day is after the last one.' : 'Ten years at most can be shown.';
}

const DAY = 24 * 60 * 60 * 1000;

/** As fine as still can be told apart in a picture. */
function groupingOf({ from, to }: Range): AnalyticsFilter['groupBy'] {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  if (days <= 92) return 'day';
  return days <= 731 ? 'week' : 'month';
}
