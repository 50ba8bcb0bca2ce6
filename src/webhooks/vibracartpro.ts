import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, times, toMinor } from './money.ts';
import { at, keyOf, listAt, nameAt, names, quantityAt, textAt, timeAt, wholeAt } from './payload.ts';
import { saleOf } from './sale.ts';

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
    options.map((name) => nameAt(body, name)).find((text) => text !== null) ?? null;
  const references = names(first('orderid', 'order_id', 'orderno', 'invoice', 'txnid', 'id') ?? eventId);
  const state = (first('status', 'orderstatus', 'paymentstatus') ?? '').toLowerCase();
  if (OVER.includes(state)) return { kind: 'refund', references, lines: undefined };
  if (WAITING.includes(state)) return undefined;
  const code = first('currency', 'currencycode');
  const currency = currencyOf(code);
  const items = [
    ...listAt(body, 'items'),
    ...listAt(body, 'products'),
    ...(at(body, 'itemid') === undefined && at(body, 'itemname') === undefined ? [] : [body]),
  ];
  const full = [first('firstname', 'first_name'), first('lastname', 'last_name')].filter(Boolean).join(' ');
  return saleOf({
    references,
    emails: [wholeAt(body, 'email'), wholeAt(body, 'customeremail'), wholeAt(body, 'customer', 'email')],
    name: full === '' ? first('name', 'customername') : full,
    currency: code,
    times: [timeAt(body, 'date')],
    lines: items.map((item, i) => line(item, i, currency, item === body)),
  });
}

/** An item without an id has its name. In an order of one item that is flat, `name` is the customer's. */
function line(item: unknown, position: number, currency: string | null, flat: boolean): SaleLine {
  const quantity = quantityAt(item, 'quantity');
  const total = toMinor(textAt(item, 'itemtotal') ?? textAt(item, 'total'), currency);
  const price = toMinor(textAt(item, 'itemprice') ?? textAt(item, 'price'), currency);
  const named = nameAt(item, 'itemname') ?? (flat ? null : nameAt(item, 'name'));
  const externalIds = names(nameAt(item, 'itemid') ?? named);
  return {
    key: keyOf(position, ...externalIds),
    productId: null,
    externalIds,
    title: named,
    quantity,
    amount: total ?? times(price, quantity),
  };
}
