/** Currencies whose minor unit is not a hundredth (ISO 4217, list one). */
const DECIMALS: Readonly<Record<string, number>> = Object.fromEntries([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3]),
  ...'CLF UYW'.split(' ').map((code) => [code, 4]),
]);

/** Where Stripe counts in another unit than ISO 4217 (docs.stripe.com/currencies, "Special cases" and zero-decimal). */
const STRIPE_DECIMALS: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

const KNOWN: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** The ISO 4217 code in capitals; null for what is none. */
export function currencyOf(text: string | null): string | null {
  const code = text?.toUpperCase() ?? '';
  return KNOWN.has(code) ? code : null;
}

const decimalsOf = (currency: string): number => DECIMALS[currency] ?? 2;

/** `"199.00"` in the currency's minor unit, half of one rounded up; null where it is no price, or too large a one. */
export function toMinor(decimal: string | null, currency: string | null): number | null {
  return currency === null ? null : shifted(decimal, decimalsOf(currency));
}

/** Stripe's amount in the minor unit of ISO 4217. */
export function stripeToMinor(amount: string | null, currency: string | null): number | null {
  if (currency === null) return null;
  return shifted(amount, decimalsOf(currency) - (STRIPE_DECIMALS[currency] ?? decimalsOf(currency)));
}

/** `1.25E7`: how Java writes a large double. */
const SCIENTIFIC = /^\d{1,18}(\.\d{1,18})?e\+?\d{1,2}$/i;

/** The decimal number times ten to the power of `places`. */
function shifted(decimal: string | null, places: number): number | null {
  const plain = decimal !== null && SCIENTIFIC.test(decimal) ? Number(decimal).toFixed(4) : (decimal ?? '');
  const [, whole = '', fraction = ''] = /^(\d{1,18})(?:\.(\d{1,18}))?$/.exec(plain) ?? [];
  if (whole === '') return null;
  const digits = `${'0'.repeat(4)}${whole}${fraction}`.padEnd(4 + whole.length + Math.max(places, 0), '0');
  const end = 4 + whole.length + places;
  const value = BigInt(digits.slice(0, end)) + (Number(digits[end] ?? '0') >= 5 ? 1n : 0n);
  return possible(Number(value));
}

/** The sum of what is known; null where it is too large to be. */
export function sum(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : possible(known.reduce((total, amount) => total + amount, 0));
}

/** More of one thing than anybody buys. */
const MOST_PIECES = 1_000_000;

/** What so many pieces cost; null where that cannot be. */
export function times(price: number | null, quantity: number): number | null {
  return price === null || Math.abs(quantity) > MOST_PIECES ? null : possible(price * quantity);
}

const possible = (amount: number): number | null => (Number.isSafeInteger(amount) ? amount : null);
