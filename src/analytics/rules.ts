import { fail } from '../errors/fail.ts';
import { type Days, requireDays } from '../reports/rules.ts';

export type GroupBy = 'day' | 'week' | 'month';
export type Period = keyof typeof PERIODS;

/** Days in UTC as `YYYY-MM-DD`, both included. */
export type Range = Readonly<Record<'from' | 'to', string>>;

const PERIODS = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 } as const;
const MOST_DAYS = 3660;
const DAY = 24 * 60 * 60 * 1000;

const parse = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const print = (time: number): string => new Date(time).toISOString().slice(0, 10);
const shift = (day: string, days: number): string => print(parse(day) + days * DAY);

/** The days that are asked for. A missing `to` is today, a missing `from` makes it 30 days. */
export function rangeOf({ period, ...days }: Days & { period?: Period | undefined }, now: Date): Range {
  if (period !== undefined && (days.from ?? days.to) !== undefined) throw fail('invalid_format', { field: 'period' });
  // Looked at first: a day of a calendar that we do not have cannot be counted from.
  requireDays(days);
  const to = days.to ?? print(now.getTime());
  const from = days.from ?? earliest(to, PERIODS[period ?? '30d']);
  requireDays({ from, to });
  if (parse(to) - parse(from) > MOST_DAYS * DAY) throw fail('invalid_format', { field: 'from' });
  return { from, to };
}

/** The first of so many days; the first day of the calendar where there are fewer. */
function earliest(to: string, count: number): string {
  const from = shift(to, 1 - count);
  // Years before 0 are printed with a sign, which sorts before every digit.
  return from < '0001-01-01' ? '0001-01-01' : from;
}

/** The first day of every group that the range touches. */
export function groupStarts({ from, to }: Range, groupBy: GroupBy): string[] {
  const starts: string[] = [];
  const last = parse(to);
  for (let start = startOf(from, groupBy); parse(start) <= last; start = next(start, groupBy)) starts.push(start);
  return starts;
}

function startOf(day: string, groupBy: GroupBy): string {
  if (groupBy === 'day') return day;
  return groupBy === 'month' ? `${day.slice(0, 7)}-01` : shift(day, -daysSinceMonday(day));
}

function next(start: string, groupBy: GroupBy): string {
  if (groupBy !== 'month') return shift(start, groupBy === 'week' ? 7 : 1);
  // Any day 31 days after a first of the month lies in the next one.
  return startOf(shift(start, 31), 'month');
}

function daysSinceMonday(day: string): number {
  return (new Date(parse(day)).getUTCDay() + 6) % 7;
}

/** What people call the group that starts on this day: `2026-03-30`, `2026-W14` or `2026-03`. */
export function labelOf(start: string, groupBy: GroupBy): string {
  if (groupBy === 'day') return start;
  return groupBy === 'month' ? start.slice(0, 7) : isoWeek(start);
}

/** ISO 8601: a week belongs to the year of its Thursday; the first one of a year holds its first Thursday. */
function isoWeek(monday: string): string {
  const thursday = shift(monday, 3);
  const year = thursday.slice(0, 4);
  const week = 1 + Math.floor((parse(thursday) - parse(`${year}-01-01`)) / (7 * DAY));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
