import type { components } from '../../generated/types.ts';
import type { LineRow } from './line_queries.ts';
import type { DeliveryRow } from './queries.ts';

type Delivery = components['schemas']['WebhookDelivery'];
type Line = components['schemas']['UnmappedLine'];

export function presentDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    vendor: row.vendor as Delivery['vendor'],
    eventId: row.event_id,
    type: row.type,
    status: row.status as Delivery['status'],
    ...(row.error === null ? {} : { error: row.error }),
    receivedAt: row.received_at.toISOString(),
    ...(row.applied_at === null ? {} : { appliedAt: row.applied_at.toISOString() }),
  };
}

export function presentLine(row: LineRow): Line {
  return {
    id: row.id,
    vendor: row.vendor as Line['vendor'],
    orderId: row.order_id,
    externalIds: row.external_ids,
    ...(row.name === null ? {} : { name: row.name }),
    reason: row.reason as Line['reason'],
    ...(row.customer_email === null ? {} : { customerEmail: row.customer_email }),
    ...(row.amount === null || row.currency === null ? {} : { amount: Number(row.amount), currency: row.currency }),
    purchasedAt: row.purchased_at.toISOString(),
    deliveryId: row.delivery_id,
    createdAt: row.created_at.toISOString(),
  };
}
