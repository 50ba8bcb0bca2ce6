import type { IncomingHttpHeaders } from 'node:http';
import type { Change, Report } from './change.ts';
import { at, listAt, nameAt, names, secondsAt, textAt, wholeAt } from './payload.ts';
import { saleOf } from './sale.ts';
import { idAt, line, priced } from './stripe_lines.ts';

/** docs.stripe.com/api/events/object */
export function reportsOf(event: unknown, _headers: IncomingHttpHeaders, bodyHash: string): Report[] {
  return [{ eventId: nameAt(event, 'id') ?? bodyHash, type: textAt(event, 'type') ?? 'unknown' }];
}

/**
 * The organisations that the metadata name, at whatever depth. Looked for in the text: most bodies here are not verified
 * yet, and a quote within a string is written `\"`.
 */
export function organisationsIn(text: string): string[] {
  const found = text.matchAll(/(?<!\\)"continuata_org_id"\s*:\s*"([^"\\]{1,100})"/g);
  return [...new Set([...found].map(([, id = '']) => id))];
}

export function changeOf(event: unknown): Change | undefined {
  const object = at(event, 'data', 'object');
  return READERS.get(textAt(event, 'type') ?? '')?.(object);
}

type Reader = (object: unknown) => Change | undefined;

/**
 * By what a payment intent names its invoice or session in `order_reference`: in some events that is cut to 25 characters,
 * which is what a card network takes.
 */
const short = (id: string | null) => id?.slice(0, 25) ?? null;

const customerName = (object: unknown) => textAt(object, 'metadata', 'customer_name');

/** docs.stripe.com/api/checkout/sessions/object; what is paid later is reported once more when it is. */
const session: Reader = (object) => {
  if (textAt(object, 'payment_status') === 'unpaid' || textAt(object, 'mode') === 'setup') return undefined;
  const items = listAt(object, 'line_items', 'data');
  const whole = line(object, [idAt(object, 'payment_link')], textAt(object, 'amount_total'));
  return saleOf({
    references: names(
      idAt(object, 'payment_intent') ?? nameAt(object, 'id'),
      short(idAt(object, 'invoice')),
      short(nameAt(object, 'id')),
    ),
    emails: [wholeAt(object, 'customer_details', 'email'), wholeAt(object, 'customer_email')],
    name: customerName(object) ?? textAt(object, 'customer_details', 'name'),
    currency: textAt(object, 'currency'),
    times: [secondsAt(object, 'created')],
    lines: whole.productId === null && items.length > 0 ? items.map((item, i) => priced(item, object, i)) : [whole],
  });
};

/** docs.stripe.com/api/payment_intents/object */
const paymentIntent: Reader = (object) => {
  const order = nameAt(object, 'payment_details', 'order_reference') ?? '';
  const charge = listAt(object, 'charges', 'data')[0] ?? at(object, 'latest_charge');
  return saleOf({
    references: names(
      nameAt(object, 'id'),
      short(idAt(object, 'invoice')),
      /^(in|cs)_/.test(order) ? short(order) : null,
      idAt(object, 'latest_charge'),
    ),
    emails: [
      wholeAt(object, 'receipt_email'),
      wholeAt(object, 'metadata', 'customer_email'),
      wholeAt(charge, 'billing_details', 'email'),
    ],
    name: customerName(object) ?? textAt(charge, 'billing_details', 'name'),
    currency: textAt(object, 'currency'),
    times: [secondsAt(object, 'created')],
    lines: [line(object, [], textAt(object, 'amount_received') ?? textAt(object, 'amount'))],
  });
};

/** docs.stripe.com/api/invoices/object; since 2025-03-31 the payments stand apart, and the subscription in `parent`. */
const invoice: Reader = (object) => {
  const payments = listAt(object, 'payments', 'data').map((each) => idAt(each, 'payment', 'payment_intent'));
  const lines = listAt(object, 'lines', 'data').filter((each) => !textAt(each, 'amount')?.startsWith('-'));
  const [payment = idAt(object, 'payment_intent'), ...others] = payments;
  return saleOf({
    references: names(payment ?? nameAt(object, 'id'), ...others, short(nameAt(object, 'id')), idAt(object, 'charge')),
    emails: [wholeAt(object, 'customer_email')],
    name: customerName(object) ?? textAt(object, 'customer_name'),
    currency: textAt(object, 'currency'),
    times: [secondsAt(object, 'status_transitions', 'paid_at'), secondsAt(object, 'created')],
    lines: lines.map((each, i) => priced(each, object, i)),
  });
};

const chargeNames = (object: unknown) =>
  names(idAt(object, 'payment_intent') ?? nameAt(object, 'id'), short(idAt(object, 'invoice')), nameAt(object, 'id'));

/** docs.stripe.com/api/charges/object: `refunded` only when all of it was. */
const refundedCharge: Reader = (object) =>
  at(object, 'refunded') === true ? { kind: 'refund', references: chargeNames(object), lines: undefined } : undefined;

/** It has the metadata of its payment intent, and the address that was given for the card; it is only an offer until captured. */
const charge: Reader = (object) => {
  if (at(object, 'captured') !== true || at(object, 'paid') !== true) return undefined;
  return saleOf({
    references: chargeNames(object),
    emails: [
      wholeAt(object, 'receipt_email'),
      wholeAt(object, 'metadata', 'customer_email'),
      wholeAt(object, 'billing_details', 'email'),
    ],
    name: customerName(object) ?? textAt(object, 'billing_details', 'name'),
    currency: textAt(object, 'currency'),
    times: [secondsAt(object, 'created')],
    lines: [line(object, [], textAt(object, 'amount_captured') ?? textAt(object, 'amount'))],
  });
};

/** docs.stripe.com/api/disputes/object */
const dispute: Reader = (object) => {
  if (textAt(object, 'status') !== 'lost') return undefined;
  const references = names(idAt(object, 'payment_intent'), idAt(object, 'charge'));
  return { kind: 'refund', references, lines: undefined };
};

/** docs.stripe.com/api/invoice-payment/object */
const invoicePayment: Reader = (object) => ({
  kind: 'relation',
  references: names(idAt(object, 'payment', 'payment_intent'), short(idAt(object, 'invoice'))),
});

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['checkout.session.completed', session],
  ['checkout.session.async_payment_succeeded', session],
  ['payment_intent.succeeded', paymentIntent],
  ['invoice.payment_succeeded', invoice],
  ['invoice.paid', invoice],
  ['invoice_payment.paid', invoicePayment],
  ['charge.succeeded', charge],
  ['charge.captured', charge],
  ['charge.refunded', refundedCharge],
  ['charge.dispute.closed', dispute],
]);

/** What a seller has Stripe send. */
export const EVENTS: readonly string[] = [...READERS.keys()];
