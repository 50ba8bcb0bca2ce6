import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

export function findPurchase(db: Kysely<DB>, organisationId: string, productId: string, id: string) {
  return db
    .selectFrom('purchases')
    .select(['id', 'status', 'customer_email'])
    .where('organisation_id', '=', organisationId)
    .where('product_id', '=', productId)
    .where('id', '=', id)
    .executeTakeFirst();
}

interface NewPurchase {
  readonly id: string;
  readonly productId: string;
  readonly customerEmail: string;
  readonly orderId: string;
}

/**
 * The purchase of a product under an order id: the one that is there, whoever its customer is, else a new one.
 * `undefined` when the organisation has no such product.
 */
export async function ensurePurchase(tx: Transaction<DB>, organisationId: string, purchase: NewPurchase) {
  const { id, productId, customerEmail, orderId } = purchase;
  const { rows } = await sql<{ id: string; status: string; customer_email: string }>`
    insert into purchases (id, organisation_id, product_id, customer_email, source, order_id)
    select ${id}::bigint, p.organisation_id, p.id, ${customerEmail}, 'api', ${orderId}
    from products p where p.organisation_id = ${organisationId} and p.id = ${productId}
    on conflict (organisation_id, source, order_id, product_id) do update set order_id = excluded.order_id
    returning id, status, customer_email`.execute(tx);
  return rows[0];
}
