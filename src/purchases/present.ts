import type { components } from '../../generated/types.ts';
import type { PurchaseRow } from './queries.ts';

type Purchase = components['schemas']['Purchase'];

export function presentPurchase(row: PurchaseRow): Purchase {
  return {
    id: row.id,
    productId: row.product_id,
    customerEmail: row.customer_email,
    ...(row.customer_name === null ? {} : { customerName: row.customer_name }),
    source: row.source as Purchase['source'],
    orderId: row.order_id,
    ...(row.amount === null ? {} : { amount: Number(row.amount) }),
    ...(row.currency === null ? {} : { currency: row.currency }),
    status: row.status as Purchase['status'],
    ...(row.email_state === null ? {} : { emailStatus: row.email_state as NonNullable<Purchase['emailStatus']> }),
    purchasedAt: row.purchased_at.toISOString(),
    ...(row.refunded_at === null ? {} : { refundedAt: row.refunded_at.toISOString() }),
  };
}
