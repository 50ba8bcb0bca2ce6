import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { recordCreated, refund } from '../purchases/actions.ts';
import { insertPurchase } from '../purchases/queries.ts';
import { queuePurchaseMail } from '../purchases/tasks.ts';
import type { Sale, SaleLine } from './change.ts';
import { sum } from './money.ts';
import {
  dropLines,
  findTargets,
  keepLine,
  listAddresslessLines,
  type OrderState,
  readOrder,
  type Shop,
} from './order_queries.ts';
import { settleDeliveries } from './queries.ts';
import { keyOf, productsOf } from './targets.ts';

/** An order of a shop, locked. */
export interface Order {
  readonly shop: Shop;
  readonly orderId: string;
  /** Whose report it is. */
  readonly deliveryId: string;
}

/** A line with the products that it stands for. */
interface Resolved extends SaleLine {
  readonly key: string;
  readonly products: readonly string[];
}

export type SaleDeps = Pick<Deps, 'ids' | 'clock' | 'vault'>;

/**
 * Records what was bought, a purchase for each product, and mails its link in one mail. A purchase that is there stays as
 * it is; one whose line was refunded before is recorded as refunded, and not mailed. Answers whether lines are left that
 * no product, or no customer, is known for.
 */
export async function applySale(
  tx: Transaction<DB>,
  deps: SaleDeps,
  order: Order,
  sale: Sale,
): Promise<{ waiting: boolean; purchaseIds: string[] }> {
  const { shop, orderId } = order;
  const state = await readOrder(tx, shop, orderId);
  const email = sale.email ?? state.purchases[0]?.customer_email ?? null;
  const lines = await resolve(tx, shop, sale.lines);
  if (email !== null) lines.push(...(await addressless(tx, shop, orderId, lines)));
  const ready = email === null ? [] : lines.filter(({ products }) => products.length > 0);
  const made = await recordLines(tx, deps, order, { ...sale, email: email ?? '' }, ready, state);
  const bought = new Set([...state.purchases.map(({ product_id }) => product_id), ...made.products]);
  const left = lines.filter((line) => !isSettled(line, bought));
  for (const line of left) await keep(tx, deps, order, sale, line);
  const done = lines.filter((line) => !left.includes(line)).map(({ key }) => key);
  if (bought.size > 0) done.push('');
  if (done.length > 0) await settleDeliveries(tx, shop.organisationId, await dropLines(tx, shop, orderId, done));
  return { waiting: left.length > 0, purchaseIds: made.ids };
}

/** Its products are bought; or it is a payment of which nothing is known, in an order of which more is known elsewhere. */
function isSettled({ key, products }: Resolved, bought: ReadonlySet<string>): boolean {
  if (key === '' && products.length === 0) return bought.size > 0;
  return products.length > 0 && products.every((product) => bought.has(product));
}

async function resolve(tx: Transaction<DB>, shop: Shop, lines: readonly SaleLine[]): Promise<Resolved[]> {
  const sold = lines.filter(({ quantity }) => quantity > 0);
  const ids = [...new Set(sold.flatMap(({ externalIds }) => externalIds))];
  const targets = ids.length === 0 ? [] : await findTargets(tx, shop, ids);
  return sold.map((line) => ({ ...line, key: keyOf(line), products: productsOf(line, targets) }));
}

/** Lines of earlier reports of the order that only waited for an address. */
async function addressless(
  tx: Transaction<DB>,
  shop: Shop,
  orderId: string,
  lines: readonly Resolved[],
): Promise<Resolved[]> {
  const rows = await listAddresslessLines(tx, shop, orderId);
  return rows
    .filter(({ line_key }) => !lines.some(({ key }) => key === line_key))
    .map((row) => ({
      productId: null,
      externalIds: row.external_ids,
      title: row.name,
      quantity: 1,
      amount: row.amount === null ? null : Number(row.amount),
      key: row.line_key,
      products: row.product_ids,
    }));
}

async function recordLines(
  tx: Transaction<DB>,
  deps: SaleDeps,
  order: Order,
  sale: Sale & { readonly email: string },
  lines: readonly Resolved[],
  state: OrderState,
): Promise<{ ids: string[]; products: string[] }> {
  const { organisationId } = order.shop;
  const isOver = ({ key }: Resolved) => state.refunds.includes('*') || state.refunds.includes(key);
  const products = [...new Set(lines.flatMap((line) => line.products))];
  const live: string[] = [];
  const ids: string[] = [];
  for (const product of products) {
    const holding = lines.filter((line) => line.products.includes(product));
    const purchase = await insertPurchase(tx, organisationId, purchaseOf(deps, order, sale, product, holding));
    if (!purchase) continue;
    const actor = { organisationId, userId: null };
    await recordCreated(tx, deps, actor, purchase);
    ids.push(purchase.id);
    if (holding.every(isOver)) await refund(tx, deps, actor, purchase.id);
    else live.push(purchase.id);
  }
  if (live.length > 0) await queuePurchaseMail(tx, deps, organisationId, live);
  return { ids, products };
}

/** Of a line that stands for several products, the first has the amount: the sum over all is what was paid. */
function purchaseOf(
  { ids, clock }: SaleDeps,
  { shop, orderId }: Order,
  { email, name, currency, purchasedAt }: Sale & { readonly email: string },
  product: string,
  lines: readonly Resolved[],
) {
  const paid = lines.filter(({ products }) => products[0] === product).map(({ amount }) => amount);
  const amount = currency === null ? null : sum(paid);
  return {
    id: ids.next(),
    productId: product,
    customerEmail: email,
    customerName: name,
    source: shop.vendor,
    orderId,
    amount,
    currency: amount === null ? null : currency,
    purchasedAt: timeOf(purchasedAt, clock()),
  };
}

/** A shop whose clock is ahead sold now, too. */
const timeOf = (at: Date | null, now: Date): Date => (at === null || at > now ? now : at);

function keep(tx: Transaction<DB>, deps: SaleDeps, order: Order, sale: Sale, line: Resolved): Promise<void> {
  return keepLine(tx, order.shop, order.orderId, {
    id: deps.ids.next(),
    deliveryId: order.deliveryId,
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
}
