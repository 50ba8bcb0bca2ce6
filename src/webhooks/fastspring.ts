import type { IncomingHttpHeaders } from 'node:http';
import type { Change, RefundedLine, Report, SaleLine } from './change.ts';
import { currencyOf, toMinor } from './money.ts';
import { at, keyOf, listAt, nameAt, names, quantityAt, textAt, timeAt, wholeAt } from './payload.ts';
import { saleOf } from './sale.ts';
import { elementsOf } from './slices.ts';

/** developer.fastspring.com/reference/webhooks-overview: `{"events": [{"id", "type", "data"}, …]}` */
export function reportsOf(body: unknown, _headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  return listAt(body, 'events').map((event, i) => ({
    eventId: nameAt(event, 'id') ?? `${bodyHash} ${i}`,
    type: textAt(event, 'type') ?? 'unknown',
  }));
}

/** Each event of a post as a post of its own, in their order. */
export const postsOf = (text: string): string[] => elementsOf(text, 'events').map((event) => `{"events":[${event}]}`);

/** Of a post with one event, as each is kept. */
export function changeOf(body: unknown, type: string): Change | undefined {
  const data = at(listAt(body, 'events')[0], 'data');
  if (type === 'order.completed') return order(data);
  if (type === 'order.canceled') return refundOf(names(nameAt(data, 'order') ?? nameAt(data, 'id')), undefined);
  if (type === 'return.created') return returned(data);
  return undefined;
}

/** developer.fastspring.com/reference/ordercompleted */
function order(data: unknown): Change | undefined {
  const references = names(nameAt(data, 'order') ?? nameAt(data, 'id'));
  if (references.length === 0) return undefined;
  const code = textAt(data, 'currency');
  const currency = currencyOf(code);
  const person = at(data, 'customer') ?? at(data, 'account', 'contact');
  const full = [textAt(person, 'first'), textAt(person, 'last')].filter(Boolean).join(' ');
  const recipients = listAt(data, 'recipients').map((each) => wholeAt(each, 'recipient', 'email'));
  return saleOf({
    references,
    emails: [wholeAt(person, 'email'), ...recipients],
    name: full === '' ? null : full,
    currency: code,
    times: [timeAt(data, 'changed')],
    lines: listAt(data, 'items').map((item, i) => line(item, i, currency)),
  });
}

/** `product` is the path, also where the whole product was asked for. An item without one has the name that buyers see. */
function idsOf(item: unknown): string[] {
  const ids = names(nameAt(item, 'product') ?? nameAt(item, 'product', 'product'), nameAt(item, 'sku'));
  return ids.length > 0 ? ids : names(nameAt(item, 'display'));
}

function line(item: unknown, position: number, currency: string | null): SaleLine {
  return {
    key: keyOf(position, ...idsOf(item)),
    productId: null,
    externalIds: idsOf(item),
    title: textAt(item, 'display'),
    quantity: quantityAt(item, 'quantity'),
    amount: toMinor(textAt(item, 'subtotal'), currency),
  };
}

/**
 * developer.fastspring.com/reference/returncreated: what came back of which items; all of the order where it names none, or
 * where the sums are equal.
 */
function returned(data: unknown): Change | undefined {
  if (at(data, 'completed') === false) return undefined;
  const order = nameAt(data, 'original', 'order') ?? nameAt(data, 'original', 'id') ?? nameAt(data, 'original');
  const currency = currencyOf(textAt(data, 'currency'));
  const given = toMinor(textAt(data, 'totalReturn'), currency);
  const paid = toMinor(textAt(data, 'original', 'total'), currency);
  const all = given !== null && paid !== null && given >= paid;
  const lines = listAt(data, 'items').map((item) => refundedLine(item, currency));
  return refundOf(names(order), all || lines.length === 0 ? undefined : lines);
}

function refundedLine(item: unknown, currency: string | null): RefundedLine {
  const externalIds = idsOf(item);
  return { key: externalIds[0] ?? '', externalIds, amount: toMinor(textAt(item, 'subtotal'), currency) };
}

function refundOf(references: string[], lines: RefundedLine[] | undefined): Change | undefined {
  return references.length === 0 ? undefined : { kind: 'refund', references, lines };
}
