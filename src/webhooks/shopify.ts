import type { IncomingHttpHeaders } from 'node:http';
import type { Change, RefundedLine, Report, SaleLine } from './change.ts';
import { currencyOf, sum, times, toMinor } from './money.ts';
import { at, keyOf, listAt, nameAt, names, quantityAt, textAt, timeAt, wholeAt } from './payload.ts';
import { saleOf } from './sale.ts';

/** shopify.dev/docs/apps/build/webhooks: topic and delivery id are headers. */
export function reportsOf(_body: unknown, headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  const type = textAt(headers, 'x-shopify-topic') ?? 'unknown';
  return [{ eventId: nameAt(headers, 'x-shopify-webhook-id') ?? bodyHash, type }];
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
  const references = names(nameAt(body, 'id'));
  if (references.length === 0) return undefined;
  const state = textAt(body, 'financial_status') ?? '';
  if (type === 'orders/cancelled' || textAt(body, 'cancelled_at') !== null || OVER.includes(state))
    return { kind: 'refund', references, lines: undefined };
  if (!PAID.includes(state)) return undefined;
  const code = textAt(body, 'currency');
  const currency = currencyOf(code);
  const items = listAt(body, 'line_items');
  const full = [textAt(body, 'customer', 'first_name'), textAt(body, 'customer', 'last_name')]
    .filter(Boolean)
    .join(' ');
  const taxed = at(body, 'taxes_included') === true;
  return saleOf({
    references,
    emails: [wholeAt(body, 'email'), wholeAt(body, 'contact_email'), wholeAt(body, 'customer', 'email')],
    name: full === '' ? textAt(body, 'billing_address', 'name') : full,
    currency: code,
    times: [timeAt(body, 'processed_at'), timeAt(body, 'created_at')],
    lines: items.map((item, i) => line(item, i, currency, taxed)),
    returned: items.filter(isGone).map((item) => returned(item, currency)),
  });
}

/** A variant is more exact than its product, and so is a stock-keeping unit. */
const idsOf = (item: unknown) =>
  names(nameAt(item, 'variant_id'), nameAt(item, 'sku'), nameAt(item, 'product_id'), nameAt(item, 'id'));

/** Nothing is left of it: refunded, or taken out of the order. Payloads of older versions do not say. */
const isGone = (item: unknown): boolean => textAt(item, 'current_quantity') === '0';

/** What was paid: the prices, less the discounts, and the taxes unless the prices have them. */
function line(item: unknown, position: number, currency: string | null, taxed: boolean): SaleLine {
  const full = priceOf(item, currency);
  const off = partsOf(item, 'discount_allocations', 'amount', currency);
  const tax = taxed ? 0 : partsOf(item, 'tax_lines', 'price', currency);
  return {
    key: keyOf(position, nameAt(item, 'id')),
    productId: null,
    externalIds: idsOf(item),
    title: textAt(item, 'name') ?? textAt(item, 'title'),
    quantity: isGone(item) ? 0 : quantityAt(item, 'quantity'),
    amount: full === null ? null : sum([Math.max(0, full - off), tax]),
  };
}

function priceOf(item: unknown, currency: string | null): number | null {
  return times(toMinor(textAt(item, 'price'), currency), quantityAt(item, 'quantity'));
}

const partsOf = (item: unknown, list: string, name: string, currency: string | null): number =>
  sum(listAt(item, list).map((each) => toMinor(textAt(each, name), currency))) ?? 0;

/** The full price, since discounts may be others than at the sale, and the tax, which the refund may know better. */
function returned(item: unknown, currency: string | null, tax: string | null = null): RefundedLine {
  const full = priceOf(item, currency);
  const taxes = Math.max(partsOf(item, 'tax_lines', 'price', currency), toMinor(tax, currency) ?? 0);
  const amount = full === null ? null : sum([full, taxes]);
  return { key: nameAt(item, 'id') ?? '', externalIds: idsOf(item), amount };
}

/** shopify.dev/docs/api/admin-rest/latest/resources/refund: a line counts when nothing of it is left. */
function refund(body: unknown): Change | undefined {
  const references = names(nameAt(body, 'order_id'));
  const lines = listAt(body, 'refund_line_items').filter(isWhole);
  if (references.length === 0 || lines.length === 0) return undefined;
  return { kind: 'refund', references, lines: lines.map(refunded) };
}

function refunded(each: unknown): RefundedLine {
  const currency = currencyOf(textAt(each, 'subtotal_set', 'shop_money', 'currency_code'));
  return returned(at(each, 'line_item'), currency, textAt(each, 'total_tax'));
}

function isWhole(refunded: unknown): boolean {
  const left = textAt(refunded, 'line_item', 'current_quantity');
  if (left !== null) return left === '0';
  return quantityAt(refunded, 'quantity') >= quantityAt(refunded, 'line_item', 'quantity');
}
