import { type FieldErrors, failFields } from '../errors/fail.ts';

interface Sale {
  readonly amount?: number;
  readonly currency?: string;
  /** RFC 3339. */
  readonly purchasedAt?: string;
}

/** A minute's grace, for a shop whose clock is ahead of ours. */
const GRACE = 60_000;

/**
 * When the sale was made: `now` where it does not say. Fails naming each field that is wrong in a way that the schema
 * cannot tell: an amount without its currency, a time that is no time, or not yet.
 */
export function timeOfSale({ amount, currency, purchasedAt }: Sale, now: Date): Date {
  const errors: FieldErrors = {};
  if (amount === undefined && currency !== undefined) errors['amount'] = ['is_blank'];
  if (currency === undefined && amount !== undefined) errors['currency'] = ['is_blank'];
  const time = purchasedAt === undefined ? now.getTime() : Date.parse(purchasedAt);
  if (!(time >= 0 && time <= now.getTime() + GRACE)) errors['purchasedAt'] = ['invalid_format'];
  if (Object.keys(errors).length > 0) throw failFields(errors);
  return new Date(Math.min(time, now.getTime()));
}

export interface Period {
  readonly since: Date | undefined;
  /** Not included. */
  readonly until: Date | undefined;
}

const DAY = 24 * 60 * 60 * 1000;

/** The time from the start of one day to the end of another, both in UTC. Fails where that is no time at all. */
export function periodOf({ from, to }: { readonly from?: string; readonly to?: string }): Period {
  const since = from === undefined ? undefined : new Date(`${from}T00:00:00Z`);
  const until = to === undefined ? undefined : new Date(Date.parse(`${to}T00:00:00Z`) + DAY);
  if (since && until && since >= until) throw failFields({ from: ['invalid_format'] });
  return { since, until };
}
