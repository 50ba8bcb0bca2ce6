import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, sum, toMinor } from './money.ts';
import { emailAt, listAt, names, quantityAt, textAt, timeAt } from './payload.ts';

/** woocommerce.github.io/woocommerce-rest-api-docs, "Webhooks": topic and delivery id are headers. */
export function reportsOf(_body: unknown, headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  const type = textAt(headers, 'x-wc-webhook-topic') ?? 'unknown';
  return [{ eventId: textAt(headers, 'x-wc-webhook-delivery-id') ?? bodyHash, type }];
}

/** What a shop sends, unsigned, when a webhook is saved: `webhook_id=7`, as a form. It reports nothing. */
export function isPing(raw: Buffer): boolean {
  return raw.length < 100 && /^webhook_id=\d{1,18}$/.test(raw.toString('latin1').trim());
}

const PAID = ['processing', 'completed'];
const OVER = ['refunded', 'cancelled'];

export function changeOf(body: unknown, type: string): Change | undefined {
  const references = names(textAt(body, 'id'));
  if (!type.startsWith('order.') || references.length === 0) return undefined;
  const state = textAt(body, 'status') ?? '';
  if (OVER.includes(state) || type === 'order.refunded' || type === 'order.cancelled')
    return { kind: 'refund', references, lines: undefined };
  if (!PAID.includes(state)) return undefined;
  const code = textAt(body, 'currency');
  const currency = currencyOf(code);
  const paidAt = textAt(body, 'date_paid_gmt') ?? textAt(body, 'date_created_gmt');
  const full = [textAt(body, 'billing', 'first_name'), textAt(body, 'billing', 'last_name')].filter(Boolean).join(' ');
  return {
    kind: 'sale',
    references,
    email: emailAt(body, 'billing', 'email'),
    name: full === '' ? null : full,
    currency,
    purchasedAt: paidAt === null ? null : timeAt({ at: `${paidAt.replace(/Z$/, '')}Z` }, 'at'),
    lines: listAt(body, 'line_items').map((item) => line(item, currency)),
    problem: currency === null ? `unknown currency ${code ?? ''}: recorded without an amount` : undefined,
  };
}

/** A variation is more exact than its product; 0 is none. What was paid is the total and its tax. */
function line(item: unknown, currency: string | null): SaleLine {
  const parts = [textAt(item, 'total'), textAt(item, 'total_tax')];
  return {
    productId: null,
    externalIds: names(
      textAt(item, 'variation_id'),
      textAt(item, 'product_id'),
      textAt(item, 'sku'),
      textAt(item, 'id'),
    ),
    title: textAt(item, 'name'),
    quantity: quantityAt(item, 'quantity'),
    amount: sum(parts.map((part) => toMinor(part, currency))),
  };
}
