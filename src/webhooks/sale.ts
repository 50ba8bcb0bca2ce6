import { hasEmailFormat, normaliseEmail } from '../users/email.ts';
import type { Sale, SaleLine } from './change.ts';
import { currencyOf } from './money.ts';

/** A sale in its vendor's words. */
export interface Said extends Pick<Sale, 'references' | 'name' | 'lines' | 'returned'> {
  /** From where an address may stand, the best place first. */
  readonly emails: readonly (string | null)[];
  /** The code. */
  readonly currency: string | null;
  /** When it was bought, the best first; these may be invalid. */
  readonly times: readonly (Date | null)[];
}

/** The sale without what cannot be, which is its problem. */
export function saleOf({ emails, currency: code, times, ...said }: Said): Sale {
  const currency = currencyOf(code);
  const email = emails.map(usable).find((each) => each !== null) ?? null;
  const purchasedAt = times.find((time) => time !== null && isPossible(time)) ?? null;
  const problems = [
    email === null ? addressProblem(emails) : undefined,
    currency === null ? `${currencyProblem(code)}: recorded without an amount` : amountProblem(said.lines),
    purchasedAt === null && times.some((time) => time !== null) ? 'the time cannot be: recorded as of now' : undefined,
  ].filter((problem) => problem !== undefined);
  const problem = problems.length === 0 ? undefined : problems.join('; ');
  return { kind: 'sale', ...said, email, currency, purchasedAt, problem };
}

/** Longer than any address, before it is normalised. */
const LONGEST = 1000;

/** Normalised; null unless it is an address that our own operations would take. */
function usable(sent: string | null): string | null {
  const email = sent === null || sent.length > LONGEST ? '' : normaliseEmail(sent);
  return hasEmailFormat(email) ? email : null;
}

/** As our own operations: since 1970. What is in the future is for whoever has the clock. */
const isPossible = (time: Date): boolean => time.getTime() >= 0;

function addressProblem(emails: readonly (string | null)[]): string | undefined {
  const sent = emails.find((each) => each !== null);
  return sent === undefined || sent === null ? undefined : `this is no address to mail to: ${shown(sent)}`;
}

const currencyProblem = (code: string | null) => (code === null ? 'no currency' : `unknown currency ${shown(code)}`);

function amountProblem(lines: readonly SaleLine[]): string | undefined {
  const [line] = lines.filter(({ amount, quantity }) => amount === null && quantity > 0);
  if (line === undefined) return undefined;
  return `what was paid for ${shown(line.title ?? line.key) || 'it'} cannot be read: recorded without an amount`;
}

/** As much of it as tells it. */
const shown = (text: string): string => text.slice(0, 100).toWellFormed();
