import type { components } from '../../generated/types.ts';
import type { MailRow } from './queries.ts';

type Mail = components['schemas']['Mail'];

export function presentMail(row: MailRow): Mail {
  return {
    id: row.id,
    kind: row.kind as Mail['kind'],
    recipient: row.recipient,
    purchaseIds: row.purchase_ids,
    status: row.state as Mail['status'],
    ...(row.reason === null ? {} : { reason: row.reason as NonNullable<Mail['reason']> }),
    attempts: row.attempts,
    ...(row.error === null ? {} : { error: row.error }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
