import { type Kysely, sql } from 'kysely';

/**
 * What shops report: their secrets, the posts that were verified, what the shops' items are here, what was refunded of
 * orders, and the lines of orders, for good.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table integration_secrets (
      id bigint primary key,
      organisation_id text not null references organisations,
      vendor text not null check (vendor in ('stripe', 'shopify', 'woocommerce', 'fastspring', 'vibracartpro')),
      sealed bytea not null,
      created_at timestamptz not null default now()
    );
    create index integration_secrets_vendor on integration_secrets (organisation_id, vendor, id);
    create table external_mappings (
      id bigint primary key,
      organisation_id text not null,
      product_id text not null,
      vendor text not null check (vendor in ('stripe', 'shopify', 'woocommerce', 'fastspring', 'vibracartpro')),
      external_id text not null,
      created_at timestamptz not null default now(),
      unique (organisation_id, vendor, external_id, product_id),
      foreign key (organisation_id, product_id) references products (organisation_id, id)
    );
    create index external_mappings_newest on external_mappings (organisation_id, product_id, id desc);
    create table webhook_deliveries (
      id bigint primary key,
      organisation_id text not null references organisations,
      vendor text not null check (vendor in ('stripe', 'shopify', 'woocommerce', 'fastspring', 'vibracartpro')),
      event_id text not null,
      type text not null,
      body_sha256 bytea not null check (octet_length(body_sha256) = 32),
      sealed_body bytea not null,
      status text not null default 'received'
        check (status in ('received', 'applied', 'ignored', 'unmapped', 'failed')),
      error text,
      received_at timestamptz not null default now(),
      applied_at timestamptz,
      unique (organisation_id, vendor, event_id)
    );
    create index webhook_deliveries_newest on webhook_deliveries (organisation_id, id desc);
    create unique index webhook_deliveries_unsigned_id on webhook_deliveries (organisation_id, vendor, type, body_sha256)
      where vendor in ('shopify', 'woocommerce');
    create table payment_references (
      organisation_id text not null references organisations,
      vendor text not null,
      reference text not null,
      order_id text not null,
      primary key (organisation_id, vendor, reference)
    );
    create index payment_references_order on payment_references (organisation_id, vendor, order_id);
    create table order_refunds (
      organisation_id text not null references organisations,
      vendor text not null,
      order_id text not null,
      line_key text not null,
      -- In the currency's minor unit; null for all that was paid for the line.
      amount bigint,
      created_at timestamptz not null default now(),
      primary key (organisation_id, vendor, order_id, line_key)
    );
    create table order_lines (
      id bigint primary key,
      organisation_id text not null references organisations,
      vendor text not null,
      order_id text not null,
      line_key text not null,
      delivery_id bigint not null references webhook_deliveries,
      external_ids text[] not null,
      -- Our own slug, as the seller's metadata have it.
      product_id text,
      name text,
      state text not null default 'waiting' check (state in ('waiting', 'settled')),
      -- What it waits for.
      reason text check (reason in ('no_mapping', 'no_email')),
      -- What it was sold as, or is about to be.
      product_ids text[] not null default '{}',
      -- Where it had waited for a mapping: of which external id it was.
      late_for text,
      customer_email text,
      customer_name text,
      amount bigint,
      currency text,
      purchased_at timestamptz not null,
      created_at timestamptz not null default now(),
      unique (organisation_id, vendor, order_id, line_key),
      check ((state = 'waiting') = (reason is not null))
    );
    create index order_lines_waiting on order_lines (organisation_id, id desc) where state = 'waiting';
    create index order_lines_late on order_lines (organisation_id, vendor, late_for) where late_for is not null;
  `.execute(db);
}
