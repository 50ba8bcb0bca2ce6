import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, sum, toMinor } from './money.ts';
import { keyOf, listAt, nameAt, names, quantityAt, textAt, timeAt, wholeAt } from './payload.ts';
import { saleOf } from './sale.ts';

/**
 * woocommerce.github.io/woocommerce-rest-api-docs, "Webhooks": topic and delivery id are headers. The id is a hash of the
 * webhook and the second (WC_Webhook::get_new_delivery_id), so that two orders may have the same: the bytes tell them apart.
 */
export function reportsOf(_body: unknown, headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  const type = textAt(headers, 'x-wc-webhook-topic') ?? 'unknown';
  return [
    { eventId: [nameAt(headers, 'x-wc-webhook-delivery-id') ?? [], bodyHash.slice(0, 16)].flat().join(' '), type },
  ];
}

/** What a shop sends, unsigned, when a webhook is saved: `webhook_id=7`, as a form. It reports nothing. */
export function isPing(raw: Buffer): boolean {
  return raw.length < 100 && /^webhook_id=\d{1,18}$/.test(raw.toString('latin1').trim());
}

const PAID = ['processing', 'completed'];

export function changeOf(body: unknown, type: string): Change | undefined {
  const references = names(nameAt(body, 'id'));
  if (!type.startsWith('order.') || references.length === 0) return undefined;
  const state = textAt(body, 'status') ?? '';
  if (isOver(body, state)) return { kind: 'refund', references, lines: undefined };
  if (!PAID.includes(state)) return undefined;
  const code = textAt(body, 'currency');
  const currency = currencyOf(code);
  const paidAt = textAt(body, 'date_paid_gmt') ?? textAt(body, 'date_created_gmt');
  const full = [textAt(body, 'billing', 'first_name'), textAt(body, 'billing', 'last_name')].filter(Boolean).join(' ');
  return saleOf({
    references,
    emails: [wholeAt(body, 'billing', 'email')],
    name: full === '' ? null : full,
    currency: code,
    times: [paidAt === null ? null : timeAt({ at: `${paidAt.replace(/Z$/, '')}Z` }, 'at')],
    lines: listAt(body, 'line_items').map((item, i) => line(item, i, currency)),
  });
}

/** An order that was cancelled unpaid is no refund: it may yet be paid. */
function isOver(body: unknown, state: string): boolean {
  if (state !== 'cancelled') return state === 'refunded';
  return textAt(body, 'date_paid_gmt') !== null || textAt(body, 'date_completed_gmt') !== null;
}

/** A variation is more exact than its product; 0 is none. What was paid is the total and its tax. */
function line(item: unknown, position: number, currency: string | null): SaleLine {
  const parts = [textAt(item, 'total'), textAt(item, 'total_tax')];
  return {
    key: keyOf(position, nameAt(item, 'id')),
    productId: null,
    externalIds: names(
      nameAt(item, 'variation_id'),
      nameAt(item, 'sku'),
      nameAt(item, 'product_id'),
      nameAt(item, 'id'),
    ),
    title: textAt(item, 'name'),
    quantity: quantityAt(item, 'quantity'),
    amount: sum(parts.map((part) => toMinor(part, currency))),
  };
}
