import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table purchases (
      id bigint primary key,
      organisation_id text not null,
      product_id text not null,
      customer_email text not null check (customer_email = lower(btrim(customer_email))),
      customer_name text,
      source text not null check (source in ('api', 'stripe', 'shopify', 'woocommerce', 'fastspring', 'vibracartpro')),
      order_id text not null,
      amount bigint,
      currency text check (currency ~ '^[A-Z]{3}$'),
      status text not null default 'paid' check (status in ('paid', 'refunded')),
      purchased_at timestamptz not null default now(),
      refunded_at timestamptz,
      unique (organisation_id, source, order_id, product_id),
      unique (organisation_id, product_id, id),
      foreign key (organisation_id, product_id) references products (organisation_id, id)
    );
    create index purchases_customer_email on purchases (customer_email);
    create index purchases_newest on purchases (organisation_id, id desc);
  `.execute(db);
}
