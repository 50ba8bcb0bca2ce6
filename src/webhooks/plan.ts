import type { Deps } from '../deps.ts';
import type { NewSale } from '../purchases/queries.ts';
import type { Sale, SaleLine } from './change.ts';
import type { WaitingLine } from './line_queries.ts';
import { sum } from './money.ts';
import type { Order, OrderState } from './order_queries.ts';
import { productsOf, type Target } from './targets.ts';

/** A sale that was reported, with its order. */
export interface ReportedSale {
  readonly order: Order;
  readonly deliveryId: string;
  readonly sale: Sale;
}

/** What a reported sale comes to. */
export interface Plan {
  readonly order: Order;
  /** One for each product that the order did not have. */
  readonly purchases: readonly PlannedPurchase[];
  /** Lines that no product, or no customer, is known for. */
  readonly waiting: readonly WaitingLine[];
  /** Keys of lines that waited and do so no longer. */
  readonly settled: readonly string[];
}

interface PlannedPurchase extends NewSale {
  /** All that it was bought with was refunded before. */
  readonly over: boolean;
}

/** A line with the products that it stands for. */
interface Resolved extends SaleLine {
  readonly products: readonly string[];
}

export type SaleDeps = Pick<Deps, 'ids' | 'clock' | 'vault'>;

/** `state` is what the order had before, `targets` what the external ids of its lines stand for. */
export function planSale(
  deps: SaleDeps,
  { order, deliveryId, sale }: ReportedSale,
  state: OrderState,
  targets: readonly Target[],
): Plan {
  const email = sale.email ?? state.purchases[0]?.customer_email ?? null;
  const lines = resolve(sale, state, targets, email);
  const ready = email === null ? [] : lines.filter(({ products }) => products.length > 0);
  const had = state.purchases.map(({ product_id }) => product_id);
  const sold = new Set(ready.flatMap(({ products }) => products));
  const bought = new Set([...had, ...sold]);
  const fresh = [...sold].filter((product) => !had.includes(product));
  const left = lines.filter((line) => !isSettled(line, bought));
  const done = new Set(lines.filter((line) => !left.includes(line)).map(({ key }) => key));
  if (bought.size > 0) done.add('');
  return {
    order,
    purchases: fresh.map((product) => purchaseOf(deps, order, { ...sale, email: email ?? '' }, product, ready, state)),
    waiting: left.map((line) => waitingOf(deps, deliveryId, sale, line)),
    settled: state.lines.map(({ line_key }) => line_key).filter((key) => done.has(key)),
  };
}

/** The lines of the sale, and those of earlier reports of the order that waited for nothing but an address. */
function resolve(sale: Sale, state: OrderState, targets: readonly Target[], email: string | null): Resolved[] {
  const lines = linesOf(sale).map((line) => ({ ...line, products: productsOf(line, targets) }));
  const addressless = email === null ? [] : state.lines.filter(({ reason }) => reason === 'no_email');
  const others = addressless.filter(({ line_key }) => !lines.some(({ key }) => key === line_key));
  return [...lines, ...others.map(waited)];
}

/** What was sold of the sale. */
export const linesOf = ({ lines }: Sale): readonly SaleLine[] => lines.filter(({ quantity }) => quantity > 0);

const waited = (row: OrderState['lines'][number]): Resolved => ({
  productId: null,
  externalIds: row.external_ids,
  title: row.name,
  quantity: 1,
  amount: row.amount,
  key: row.line_key,
  products: row.product_ids,
});

/** Its products are bought; or it is a payment of which nothing is known, in an order of which more is known elsewhere. */
function isSettled({ key, products }: Resolved, bought: ReadonlySet<string>): boolean {
  if (key === '' && products.length === 0) return bought.size > 0;
  return products.length > 0 && products.every((product) => bought.has(product));
}

/** Of a line that stands for several products, the first has the amount: the sum over all is what was paid. */
function purchaseOf(
  { ids, clock }: SaleDeps,
  { shop, orderId }: Order,
  { email, name, currency, purchasedAt }: Sale & { readonly email: string },
  product: string,
  lines: readonly Resolved[],
  { refunds }: OrderState,
): PlannedPurchase {
  const holding = lines.filter(({ products }) => products.includes(product));
  const amount = currency === null ? null : sum(holding.filter(isFirst(product)).map((line) => line.amount));
  return {
    id: ids.next(),
    organisationId: shop.organisationId,
    productId: product,
    customerEmail: email,
    customerName: name,
    source: shop.vendor,
    orderId,
    amount,
    currency: amount === null ? null : currency,
    purchasedAt: timeOf(purchasedAt, clock()),
    over: refunds.includes('*') || holding.every(({ key }) => refunds.includes(key)),
  };
}

const isFirst =
  (product: string) =>
  ({ products }: Resolved): boolean =>
    products[0] === product;

/** A shop whose clock is ahead sold now, too. */
const timeOf = (at: Date | null, now: Date): Date => (at === null || at > now ? now : at);

const waitingOf = (deps: SaleDeps, deliveryId: string, sale: Sale, line: Resolved): WaitingLine => ({
  id: deps.ids.next(),
  deliveryId,
  key: line.key,
  externalIds: line.externalIds,
  title: line.title,
  reason: line.products.length > 0 ? 'no_email' : 'no_mapping',
  productIds: line.products,
  email: sale.email,
  name: sale.name,
  amount: line.amount,
  currency: sale.currency,
  purchasedAt: timeOf(sale.purchasedAt, deps.clock()),
});
