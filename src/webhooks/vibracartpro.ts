import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, toMinor } from './money.ts';
import { at, emailAt, listAt, names, quantityAt, textAt, timeAt } from './payload.ts';

/** Vibracart Pro numbers no deliveries: the same bytes are the same report. */
export function reportsOf(_body: unknown, _headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  return [{ eventId: bodyHash, type: 'order' }];
}

const OVER = ['refunded', 'cancelled', 'canceled', 'reversed'];
const WAITING = ['pending', 'failed', 'unpaid', 'denied'];

/**
 * One call for each order. Of its fields only `itemid` is documented in public; the others are looked for under the names
 * that the shop uses elsewhere. Without an order number the bytes stand for it.
 */
export function changeOf(body: unknown, _type: string, eventId: string): Change | undefined {
  const first = (...options: string[]) =>
    options.map((name) => textAt(body, name)).find((text) => text !== null) ?? null;
  const references = names(first('orderid', 'order_id', 'orderno', 'invoice', 'txnid', 'id') ?? eventId);
  const state = (first('status', 'orderstatus', 'paymentstatus') ?? '').toLowerCase();
  if (OVER.includes(state)) return { kind: 'refund', references, lines: undefined };
  if (WAITING.includes(state)) return undefined;
  const code = first('currency', 'currencycode');
  const currency = currencyOf(code);
  const items = [
    ...listAt(body, 'items'),
    ...listAt(body, 'products'),
    ...(at(body, 'itemid') === undefined ? [] : [body]),
  ];
  const full = [first('firstname', 'first_name'), first('lastname', 'last_name')].filter(Boolean).join(' ');
  return {
    kind: 'sale',
    references,
    email: emailAt(body, 'email') ?? emailAt(body, 'customeremail') ?? emailAt(body, 'customer', 'email'),
    name: full === '' ? first('name', 'customername') : full,
    currency,
    purchasedAt: timeAt(body, 'date'),
    lines: items.map((item) => line(item, currency)),
    problem: code !== null && currency === null ? `unknown currency ${code}: recorded without an amount` : undefined,
  };
}

function line(item: unknown, currency: string | null): SaleLine {
  const quantity = quantityAt(item, 'quantity');
  const price =
    textAt(item, 'itemtotal') ?? textAt(item, 'total') ?? textAt(item, 'itemprice') ?? textAt(item, 'price');
  return {
    productId: null,
    externalIds: names(textAt(item, 'itemid')),
    title: textAt(item, 'itemname') ?? textAt(item, 'name'),
    quantity,
    amount: toMinor(price, currency),
  };
}
