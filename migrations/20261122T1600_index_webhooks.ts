import { type Kysely, sql } from 'kysely';

/**
 * What pages and replays look for: reports in one state, the waiting lines that an item's name tells the product of,
 * those that came with a report, and the mails of one customer.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create index webhook_deliveries_by_status on webhook_deliveries (organisation_id, status, id desc);
    create index order_lines_items on order_lines using gin (external_ids) where state = 'waiting';
    create index order_lines_delivery on order_lines (delivery_id) where state = 'waiting';
    create index mails_recipient on mails (organisation_id, recipient, id desc);
  `.execute(db);
}
