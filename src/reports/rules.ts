import { type FieldErrors, failFields } from '../errors/fail.ts';

/** Days in UTC as `YYYY-MM-DD`, both included; undefined where that end is open. */
export interface Days {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Refuses, with every field that is to blame, days that no calendar has (there is no year 0) and a range that runs backwards. */
export function requireDays({ from, to }: Days): void {
  const fields: FieldErrors = {};
  if (from?.startsWith('0000') || (from !== undefined && to !== undefined && from > to))
    fields['from'] = ['invalid_format'];
  if (to?.startsWith('0000')) fields['to'] = ['invalid_format'];
  if (Object.keys(fields).length > 0) throw failFields(fields);
}

/** The name to save a report under: `downloads-2026-04-01-to-2026-04-30.csv`. */
export function reportName({ from, to }: Days): string {
  return ['downloads', ...(from ? [from] : []), ...(to ? ['to', to] : [])].join('-') + '.csv';
}
