import type { Sale, SaleLine } from './change.ts';
import { sum } from './money.ts';
import type { KnownLine, OrderState } from './order_queries.ts';
import { mappedTo, type Meaning, meaningOf, type Target } from './targets.ts';

/** A line of an order, with the products that it stands for. */
export interface Line {
  readonly key: string;
  readonly productId: string | null;
  readonly externalIds: readonly string[];
  readonly title: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly purchasedAt: Date | null;
  readonly products: readonly string[];
  /** The external id by which it was mapped after it had waited for that. */
  readonly lateFor: string | null;
  /** As it was kept before. */
  readonly was: KnownLine | undefined;
}

/** A product that an item stands for as well, from now on. */
export interface Added {
  readonly externalId: string;
  readonly productId: string;
}

/** What was sold of the sale. */
export const linesOf = ({ lines }: Sale): readonly SaleLine[] => lines.filter(({ quantity }) => quantity > 0);

/**
 * The lines of the sale, and those of earlier reports, that are still to be sold: what a line was sold as once it remains,
 * however its item is mapped later. Only of what was mapped late the rest of a bundle may come.
 */
export function openLines(
  sale: Sale,
  { lines, purchases }: OrderState,
  targets: readonly Target[],
  added: Added | undefined,
): Line[] {
  const known = new Map(lines.map((line) => [line.line_key, line]));
  const reported = new Map<string, Line>();
  for (const line of linesOf(sale)) {
    const was = known.get(line.key);
    if (was?.state === 'settled') continue;
    const open = resolved(fromSale(sale, line, was), targets);
    reported.set(line.key, together(reported.get(line.key), open));
  }
  const waiting = lines.filter(({ state, line_key }) => state === 'waiting' && !reported.has(line_key));
  const paid = new Set(purchases.filter(({ status }) => status === 'paid').map(({ product_id }) => product_id));
  const growing = added ? lines.filter((line) => grows(line, added, targets, paid)) : [];
  return [
    ...reported.values(),
    ...waiting.map((line) => resolved(fromKnown(line), targets)),
    ...growing.map((line) => ({ ...fromKnown(line), products: [...line.product_ids, added?.productId ?? ''] })),
  ];
}

function fromSale(sale: Sale, line: SaleLine, was: KnownLine | undefined): Line {
  return {
    key: line.key,
    productId: line.productId ?? was?.product_id ?? null,
    externalIds: line.externalIds,
    title: line.title,
    amount: line.amount ?? was?.amount ?? null,
    currency: sale.currency ?? was?.currency ?? null,
    email: sale.email ?? was?.customer_email ?? null,
    name: sale.name ?? was?.customer_name ?? null,
    purchasedAt: sale.purchasedAt ?? (was ? new Date(was.purchased_at) : null),
    products: was?.product_ids ?? [],
    lateFor: was?.late_for ?? null,
    was,
  };
}

const fromKnown = (was: KnownLine): Line => ({
  key: was.line_key,
  productId: was.product_id,
  externalIds: was.external_ids,
  title: was.name,
  amount: was.amount,
  currency: was.currency,
  email: was.customer_email,
  name: was.customer_name,
  purchasedAt: new Date(was.purchased_at),
  products: was.product_ids,
  lateFor: was.late_for,
  was,
});

/** One that was understood before, and waits for an address, remains so where its mapping is gone. */
function resolved(line: Line, targets: readonly Target[]): Line {
  const meaning = meaningOf(line, targets);
  if (meaning.products.length === 0) return line;
  return { ...line, products: meaning.products, lateFor: isLate(line) ? lateFor(line, meaning) : null };
}

const isLate = ({ was, lateFor }: Line): boolean => was?.reason === 'no_mapping' || lateFor !== null;
const lateFor = (line: Line, { by }: Meaning): string | null => by ?? line.lateFor;

/** As the operations show. */
const MOST_NAMES = 20;

/** Lines that a report cannot tell apart are one. */
function together(before: Line | undefined, line: Line): Line {
  if (!before) return line;
  return {
    ...before,
    externalIds: [...new Set([...before.externalIds, ...line.externalIds])].slice(0, MOST_NAMES),
    products: [...new Set([...before.products, ...line.products])],
    amount: sum([before.amount, line.amount]),
  };
}

/** A bundle that is mapped after its sale, a product at a time: what it was sold as is mapped still, and paid. */
function grows(
  line: KnownLine,
  { externalId, productId }: Added,
  targets: readonly Target[],
  paid: ReadonlySet<string>,
): boolean {
  const mapped = mappedTo(externalId, targets);
  return (
    line.late_for === externalId &&
    mapped.includes(productId) &&
    !line.product_ids.includes(productId) &&
    line.product_ids.every((product) => mapped.includes(product)) &&
    line.product_ids.some((product) => paid.has(product))
  );
}
