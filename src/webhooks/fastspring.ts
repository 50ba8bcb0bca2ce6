import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, toMinor } from './money.ts';
import { at, emailAt, listAt, names, quantityAt, textAt, timeAt } from './payload.ts';

/** developer.fastspring.com/reference/webhooks-overview: `{"events": [{"id", "type", "data"}, …]}` */
export function reportsOf(body: unknown): Report[] {
  return listAt(body, 'events').flatMap((event) => {
    const eventId = textAt(event, 'id');
    return eventId === null ? [] : [{ eventId, type: textAt(event, 'type') ?? 'unknown' }];
  });
}

export function changeOf(body: unknown, type: string, eventId: string): Change | undefined {
  const event = listAt(body, 'events').find((each) => textAt(each, 'id') === eventId);
  const data = at(event, 'data');
  if (type === 'order.completed') return order(data);
  if (type === 'order.canceled') return refundOf(names(textAt(data, 'order') ?? textAt(data, 'id')), undefined);
  if (type === 'return.created') return returned(data);
  return undefined;
}

/** developer.fastspring.com/reference/ordercompleted */
function order(data: unknown): Change | undefined {
  const references = names(textAt(data, 'order') ?? textAt(data, 'id'));
  if (references.length === 0) return undefined;
  const code = textAt(data, 'currency');
  const currency = currencyOf(code);
  const person = at(data, 'customer') ?? at(data, 'account', 'contact');
  const full = [textAt(person, 'first'), textAt(person, 'last')].filter(Boolean).join(' ');
  return {
    kind: 'sale',
    references,
    email:
      emailAt(person, 'email') ??
      listAt(data, 'recipients').map((each) => emailAt(each, 'recipient', 'email'))[0] ??
      null,
    name: full === '' ? null : full,
    currency,
    purchasedAt: timeAt(data, 'changed'),
    lines: listAt(data, 'items').map((item) => line(item, currency)),
    problem: currency === null ? `unknown currency ${code ?? ''}: recorded without an amount` : undefined,
  };
}

/** `product` is the path, also where the whole product was asked for. */
const idsOf = (item: unknown) =>
  names(textAt(item, 'product') ?? textAt(item, 'product', 'product'), textAt(item, 'sku'));

function line(item: unknown, currency: string | null): SaleLine {
  return {
    productId: null,
    externalIds: idsOf(item),
    title: textAt(item, 'display'),
    quantity: quantityAt(item, 'quantity'),
    amount: toMinor(textAt(item, 'subtotal'), currency),
  };
}

/** developer.fastspring.com/reference/returncreated: the items that came back; all of the order where it names none. */
function returned(data: unknown): Change | undefined {
  const order = textAt(data, 'original', 'order') ?? textAt(data, 'original', 'id') ?? textAt(data, 'original');
  const items = listAt(data, 'items')
    .map(idsOf)
    .filter((ids) => ids.length > 0);
  return refundOf(names(order), items.length === 0 ? undefined : items);
}

function refundOf(references: string[], lines: string[][] | undefined): Change | undefined {
  return references.length === 0 ? undefined : { kind: 'refund', references, lines };
}
