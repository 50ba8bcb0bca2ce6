import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, toMinor } from './money.ts';
import { at, emailAt, listAt, names, quantityAt, textAt, timeAt } from './payload.ts';

/** shopify.dev/docs/apps/build/webhooks: topic and delivery id are headers. */
export function reportsOf(_body: unknown, headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  const type = textAt(headers, 'x-shopify-topic') ?? 'unknown';
  return [{ eventId: textAt(headers, 'x-shopify-webhook-id') ?? bodyHash, type }];
}

const PAID = ['paid', 'partially_refunded'];
const OVER = ['refunded', 'voided'];

export function changeOf(body: unknown, type: string): Change | undefined {
  if (type === 'refunds/create') return refund(body);
  if (!type.startsWith('orders/') || type === 'orders/edited' || type === 'orders/delete') return undefined;
  return order(body, type);
}

/** shopify.dev/docs/api/admin-rest/latest/resources/order */
function order(body: unknown, type: string): Change | undefined {
  const references = names(textAt(body, 'id'));
  if (references.length === 0) return undefined;
  const state = textAt(body, 'financial_status') ?? '';
  if (type === 'orders/cancelled' || textAt(body, 'cancelled_at') !== null || OVER.includes(state))
    return { kind: 'refund', references, lines: undefined };
  if (!PAID.includes(state)) return undefined;
  const code = textAt(body, 'currency');
  const currency = currencyOf(code);
  const full = [textAt(body, 'customer', 'first_name'), textAt(body, 'customer', 'last_name')]
    .filter(Boolean)
    .join(' ');
  return {
    kind: 'sale',
    references,
    email: emailAt(body, 'email') ?? emailAt(body, 'contact_email') ?? emailAt(body, 'customer', 'email'),
    name: full === '' ? textAt(body, 'billing_address', 'name') : full,
    currency,
    purchasedAt: timeAt(body, 'processed_at') ?? timeAt(body, 'created_at'),
    lines: listAt(body, 'line_items').map((item) => line(item, currency)),
    problem: currency === null ? `unknown currency ${code ?? ''}: recorded without an amount` : undefined,
  };
}

/** A variant is more exact than its product. */
const idsOf = (item: unknown) =>
  names(textAt(item, 'variant_id'), textAt(item, 'product_id'), textAt(item, 'sku'), textAt(item, 'id'));

function line(item: unknown, currency: string | null): SaleLine {
  const quantity = quantityAt(item, 'quantity');
  const price = toMinor(textAt(item, 'price'), currency);
  const discounts = listAt(item, 'discount_allocations').map((each) => toMinor(textAt(each, 'amount'), currency) ?? 0);
  const off = discounts.reduce((total, each) => total + each, 0);
  return {
    productId: null,
    externalIds: idsOf(item),
    title: textAt(item, 'name') ?? textAt(item, 'title'),
    quantity,
    amount: price === null ? null : Math.max(0, price * quantity - off),
  };
}

/** shopify.dev/docs/api/admin-rest/latest/resources/refund: a line counts when nothing of it is left. */
function refund(body: unknown): Change | undefined {
  const references = names(textAt(body, 'order_id'));
  const lines = listAt(body, 'refund_line_items').filter(isWhole);
  if (references.length === 0 || lines.length === 0) return undefined;
  return { kind: 'refund', references, lines: lines.map((each) => idsOf(at(each, 'line_item'))) };
}

function isWhole(refunded: unknown): boolean {
  const left = textAt(refunded, 'line_item', 'current_quantity');
  if (left !== null) return left === '0';
  return quantityAt(refunded, 'quantity') >= quantityAt(refunded, 'line_item', 'quantity');
}
