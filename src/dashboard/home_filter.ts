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
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // JavaScript takes 31 February for 3 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) throw fail('invalid_format', { field });
  return text;
}

const DAY = 24 * 60 * 60 * 1000;

/** As fine as still can be told apart in a picture. */
function groupingOf({ from, to }: Range): AnalyticsFilter['groupBy'] {
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  if (days <= 92) return 'day';
  return days <= 731 ? 'week' : 'month';
}
