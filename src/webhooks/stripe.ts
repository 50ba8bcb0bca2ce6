import type { Change, Report, SaleLine } from './change.ts';
import { currencyOf, stripeToMinor } from './money.ts';
import { at, emailAt, listAt, names, quantityAt, secondsAt, textAt } from './payload.ts';

/** docs.stripe.com/api/events/object */
export function reportsOf(event: unknown): Report[] {
  const eventId = textAt(event, 'id');
  return eventId === null ? [] : [{ eventId, type: textAt(event, 'type') ?? 'unknown' }];
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
  return READERS[textAt(event, 'type') ?? '']?.(object);
}

type Reader = (object: unknown) => Change | undefined;

/** An id, or the object that was asked for in its place. */
const idAt = (object: unknown, ...path: string[]) => textAt(object, ...path) ?? textAt(object, ...path, 'id');

const productIn = (object: unknown) => textAt(object, 'metadata', 'continuata_product_id');

function line(object: unknown, ids: readonly (string | null)[], amount: string | null, quantity = 1): SaleLine {
  const productId = productIn(object);
  const currency = currencyOf(textAt(object, 'currency'));
  return {
    productId,
    externalIds: names(productId, ...ids),
    title: textAt(object, 'description'),
    quantity,
    amount: stripeToMinor(amount, currency),
  };
}

const customerName = (object: unknown) => textAt(object, 'metadata', 'customer_name');

function problemOf(object: unknown): string | undefined {
  const currency = textAt(object, 'currency');
  return currencyOf(currency) === null ? `unknown currency ${currency ?? ''}: recorded without an amount` : undefined;
}

/** docs.stripe.com/api/checkout/sessions/object; what is paid later is reported once more when it is. */
const session: Reader = (object) => {
  if (textAt(object, 'payment_status') === 'unpaid' || textAt(object, 'mode') === 'setup') return undefined;
  const items = listAt(object, 'line_items', 'data');
  const whole = line(object, [idAt(object, 'payment_link')], textAt(object, 'amount_total'));
  return {
    kind: 'sale',
    references: names(idAt(object, 'payment_intent'), idAt(object, 'invoice'), textAt(object, 'id')),
    email: emailAt(object, 'customer_details', 'email') ?? emailAt(object, 'customer_email'),
    name: customerName(object) ?? textAt(object, 'customer_details', 'name'),
    currency: currencyOf(textAt(object, 'currency')),
    purchasedAt: secondsAt(object, 'created'),
    lines: whole.productId === null && items.length > 0 ? items.map((item) => priced(item, object)) : [whole],
    problem: problemOf(object),
  };
};

/** docs.stripe.com/api/payment_intents/object */
const paymentIntent: Reader = (object) => {
  const order = textAt(object, 'payment_details', 'order_reference');
  const charge = listAt(object, 'charges', 'data')[0] ?? at(object, 'latest_charge');
  return {
    kind: 'sale',
    references: names(
      textAt(object, 'id'),
      idAt(object, 'invoice'),
      order?.startsWith('in_') ? order : null,
      idAt(object, 'latest_charge'),
    ),
    email:
      emailAt(object, 'receipt_email') ??
      emailAt(object, 'metadata', 'customer_email') ??
      emailAt(charge, 'billing_details', 'email'),
    name: customerName(object) ?? textAt(charge, 'billing_details', 'name'),
    currency: currencyOf(textAt(object, 'currency')),
    purchasedAt: secondsAt(object, 'created'),
    lines: [line(object, [], textAt(object, 'amount_received') ?? textAt(object, 'amount'))],
    problem: problemOf(object),
  };
};

/** docs.stripe.com/api/invoices/object; since 2025-03-31 the payments stand apart, and the subscription in `parent`. */
const invoice: Reader = (object) => {
  const payments = listAt(object, 'payments', 'data').map((each) => idAt(each, 'payment', 'payment_intent'));
  const lines = listAt(object, 'lines', 'data').filter((each) => !textAt(each, 'amount')?.startsWith('-'));
  return {
    kind: 'sale',
    references: names(idAt(object, 'payment_intent'), ...payments, textAt(object, 'id'), idAt(object, 'charge')),
    email: emailAt(object, 'customer_email'),
    name: customerName(object) ?? textAt(object, 'customer_name'),
    currency: currencyOf(textAt(object, 'currency')),
    purchasedAt: secondsAt(object, 'status_transitions', 'paid_at') ?? secondsAt(object, 'created'),
    lines: lines.map((each) => priced(each, object)),
    problem: problemOf(object),
  };
};

/** A line of an invoice or a session: its own metadata name the product, else those of the subscription or the price. */
function priced(item: unknown, whole: unknown): SaleLine {
  const detailed = at(item, 'pricing', 'price_details');
  const named = [
    item,
    at(whole, 'subscription_details'),
    at(whole, 'parent', 'subscription_details'),
    at(item, 'price'),
    at(item, 'plan'),
    whole,
  ];
  const metadata = at(
    named.find((each) => productIn(each) !== null),
    'metadata',
  );
  const ids = [
    idAt(item, 'price'),
    idAt(detailed, 'price'),
    idAt(item, 'plan'),
    idAt(item, 'price', 'product'),
    idAt(detailed, 'product'),
    idAt(item, 'plan', 'product'),
  ];
  const amount = textAt(item, 'amount_total') ?? textAt(item, 'amount');
  const currency = textAt(item, 'currency') ?? textAt(whole, 'currency');
  const described = { metadata, currency, description: textAt(item, 'description') };
  return line(described, ids, amount, quantityAt(item, 'quantity'));
}

/** docs.stripe.com/api/charges/object: `refunded` only when all of it was. */
const charge: Reader = (object) => {
  if (at(object, 'refunded') !== true) return undefined;
  return {
    kind: 'refund',
    references: names(idAt(object, 'payment_intent'), idAt(object, 'invoice'), textAt(object, 'id')),
    lines: undefined,
  };
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
  references: names(idAt(object, 'payment', 'payment_intent'), idAt(object, 'invoice')),
});

const READERS: Readonly<Record<string, Reader | undefined>> = {
  'checkout.session.completed': session,
  'checkout.session.async_payment_succeeded': session,
  'payment_intent.succeeded': paymentIntent,
  'invoice.payment_succeeded': invoice,
  'invoice.paid': invoice,
  'charge.refunded': charge,
  'charge.dispute.closed': dispute,
  'invoice_payment.paid': invoicePayment,
};
