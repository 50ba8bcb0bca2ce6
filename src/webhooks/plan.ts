import type { Deps } from '../deps.ts';
import type { NewSale } from '../purchases/queries.ts';
import type { Sale } from './change.ts';
import type { KeptLine } from './line_queries.ts';
import { type Added, type Line, openLines } from './lines.ts';
import { sum } from './money.ts';
import type { Order, OrderState } from './order_queries.ts';
import { isReturned } from './returned.ts';
import type { Target } from './targets.ts';

/** A sale that was reported, with its order. */
export interface ReportedSale {
  readonly order: Order;
  readonly deliveryId: string;
  readonly sale: Sale;
  /** What an item was mapped to as well, at this moment. */
  readonly added?: Added | undefined;
}

/** What a reported sale comes to. */
export interface Plan {
  readonly order: Order;
  /** One for each product that the order did not have. */
  readonly purchases: readonly PlannedPurchase[];
  /** Those that are new, or of which more is known. */
  readonly lines: readonly KeptLine[];
  /** Whether lines that this delivery was the first to report wait for a product or a customer. */
  readonly waiting: boolean;
  /** Of whose lines one waits no longer. */
  readonly settled: readonly string[];
}

interface PlannedPurchase extends NewSale {
  /** All that it was bought with was refunded before. */
  readonly over: boolean;
}

interface Customer {
  readonly email: string | null;
  readonly name: string | null;
}

export type SaleDeps = Pick<Deps, 'ids' | 'clock' | 'vault'>;

/** `state` is what the order had before, `targets` what the external ids of its lines stand for. */
export function planSale(
  deps: SaleDeps,
  { order, deliveryId, sale, added }: ReportedSale,
  state: OrderState,
  targets: readonly Target[],
): Plan {
  const customer = customerOf(sale, state);
  const lines = openLines(sale, state, targets, added);
  const ready = customer.email === null ? [] : lines.filter(({ products }) => products.length > 0);
  const had = state.purchases.map(({ product_id }) => product_id);
  const sold = new Set(ready.flatMap(({ products }) => products));
  const bought = new Set([...had, ...sold]);
  const fresh = [...sold].filter((product) => !had.includes(product));
  const kept = lines.map((line) => ({ line, kept: keptOf(deps, deliveryId, line, isSettled(line, bought)) }));
  const ended = kept.filter(({ line, kept: { state } }) => state === 'settled' && line.was?.state === 'waiting');
  return {
    order,
    purchases: fresh.map((product) => purchaseOf(deps, order, customer, product, ready, state)),
    lines: kept.filter(({ line, kept }) => isNews(line, kept)).map((each) => each.kept),
    waiting: kept.some((each) => each.kept.state === 'waiting' && each.kept.deliveryId === deliveryId),
    settled: ended.map(({ line }) => line.was?.delivery_id ?? ''),
  };
}

/** One report may name the customer, and another the product. */
function customerOf(sale: Sale, { purchases, lines }: OrderState): Customer {
  const [purchase] = purchases;
  const emails = [sale.email, purchase?.customer_email, ...lines.map(({ customer_email }) => customer_email)];
  const names = [sale.name, purchase?.customer_name, ...lines.map(({ customer_name }) => customer_name)];
  return { email: emails.find(Boolean) ?? null, name: names.find(Boolean) ?? null };
}

/** Its products are bought; or it is a payment of which nothing is known, in an order of which more is known elsewhere. */
function isSettled({ key, products }: Line, bought: ReadonlySet<string>): boolean {
  if (key === '' && products.length === 0) return bought.size > 0;
  return products.length > 0 && products.every((product) => bought.has(product));
}

/** Of a line that stands for several products, the first has the amount: the sum over all is what was paid. */
function purchaseOf(
  { ids, clock }: SaleDeps,
  { shop, orderId }: Order,
  { email, name }: Customer,
  product: string,
  lines: readonly Line[],
  { refunds }: OrderState,
): PlannedPurchase {
  const holding = lines.filter(({ products }) => products.includes(product));
  const currency = holding[0]?.currency ?? null;
  const amount = currency === null ? null : sum(holding.filter(isFirst(product)).map((line) => line.amount));
  return {
    id: ids.next(),
    organisationId: shop.organisationId,
    productId: product,
    customerEmail: email ?? '',
    customerName: name,
    source: shop.vendor,
    orderId,
    amount,
    currency: amount === null ? null : currency,
    purchasedAt: timeOf(holding[0]?.purchasedAt ?? null, clock()),
    over: holding.every((line) => isReturned(line, refunds)),
  };
}

const isFirst =
  (product: string) =>
  ({ products }: Line): boolean =>
    products[0] === product;

/** A shop whose clock is ahead sold now, too. */
const timeOf = (at: Date | null, now: Date): Date => (at === null || at > now ? now : at);

function keptOf(deps: SaleDeps, deliveryId: string, line: Line, settled: boolean): KeptLine {
  const missing = line.products.length > 0 ? 'no_email' : 'no_mapping';
  return {
    id: deps.ids.next(),
    deliveryId: line.was?.delivery_id ?? deliveryId,
    key: line.key,
    externalIds: line.externalIds,
    productId: line.productId,
    title: line.title,
    state: settled ? 'settled' : 'waiting',
    reason: settled ? null : missing,
    productIds: line.products,
    lateFor: line.lateFor,
    email: line.email,
    name: line.name,
    amount: line.amount,
    currency: line.currency,
    purchasedAt: timeOf(line.purchasedAt, deps.clock()),
  };
}

/** A line that goes on waiting for the same is not written again. */
const isNews = ({ was }: Line, { reason, email }: KeptLine): boolean =>
  !was || reason === null || was.reason !== reason || was.customer_email !== email;
