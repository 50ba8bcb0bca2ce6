import type { SaleLine } from './change.ts';
import { currencyOf, stripeToMinor } from './money.ts';
import { at, integerAt, keyOf, listAt, nameAt, names, quantityAt, textAt } from './payload.ts';

/** An id, or the object that was asked for in its place. */
export const idAt = (object: unknown, ...path: string[]) => nameAt(object, ...path) ?? nameAt(object, ...path, 'id');

const productIn = (object: unknown) => nameAt(object, 'metadata', 'continuata_product_id');

/** What the object is of, and `amount` was paid for; its metadata name the product, else it may be mapped by the ids. */
export function line(object: unknown, ids: readonly (string | null)[], amount: string | null, quantity = 1): SaleLine {
  const productId = productIn(object);
  const currency = currencyOf(textAt(object, 'currency'));
  const externalIds = names(productId, ...ids);
  return {
    key: externalIds[0] ?? '',
    productId,
    externalIds,
    title: textAt(object, 'description'),
    quantity,
    amount: stripeToMinor(amount, currency),
  };
}

/**
 * A line of an invoice or a session: its own metadata name the product, else those of the subscription or the price. One
 * that was sold without a price may be mapped by its description.
 */
export function priced(item: unknown, whole: unknown, position: number): SaleLine {
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
  const amount = textAt(item, 'amount_total') ?? paidOf(item);
  const currency = textAt(item, 'currency') ?? textAt(whole, 'currency');
  const described = { metadata, currency, description: textAt(item, 'description') };
  const sold = line(described, ids, amount, quantityAt(item, 'quantity'));
  if (sold.externalIds.length > 0) return sold;
  return { ...sold, key: keyOf(position, nameAt(item, 'id')), externalIds: names(nameAt(item, 'description')) };
}

/** A line of an invoice counts before discounts, and before taxes unless the price has them. */
function paidOf(item: unknown): string | null {
  const amount = integerAt(item, 'amount');
  if (amount === null) return null;
  const off = listAt(item, 'discount_amounts').map((each) => integerAt(each, 'amount') ?? 0n);
  const taxes = [
    ...listAt(item, 'taxes').filter((tax) => textAt(tax, 'tax_behavior') === 'exclusive'),
    ...listAt(item, 'tax_amounts').filter((tax) => at(tax, 'inclusive') === false),
  ].map((tax) => integerAt(tax, 'amount') ?? 0n);
  const paid = [amount, ...taxes, ...off.map((each) => -each)].reduce((total, each) => total + each, 0n);
  return String(paid < 0n ? 0n : paid);
}
