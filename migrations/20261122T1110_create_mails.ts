import { type Kysely, sql } from 'kysely';

/**
 * What became of the mails that an organisation has sent for it; the queue itself forgets a job that is done. Customers
 * who want no news of new versions, and the versions that were announced.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table mails (
      id bigint primary key,
      organisation_id text not null references organisations,
      kind text not null check (kind in ('purchase', 'announcement')),
      recipient text not null,
      purchase_ids bigint[] not null default '{}',
      state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'skipped')),
      -- Why it was skipped.
      reason text check (reason in ('unsubscribed', 'refunded', 'withdrawn')),
      attempts integer not null default 0,
      error text,
      task text not null,
      -- Sealed; null once it is sent or skipped.
      payload json,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check ((state = 'skipped') = (reason is not null))
    );
    create index mails_newest on mails (organisation_id, id desc);
    create index mails_by_state on mails (state, updated_at);

    alter table purchases add column email_state text check (email_state in ('waiting', 'sent', 'failed'));
    create index purchases_customers on purchases (organisation_id, product_id, customer_email) where status = 'paid';

    create table announcements (
      id bigint primary key,
      organisation_id text not null,
      product_id text not null,
      version_id bigint not null unique,
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      -- The customers up to here have their mail in the queue.
      last_email text not null default '',
      mails integer not null default 0,
      skipped integer not null default 0,
      finished_at timestamptz,
      foreign key (organisation_id, product_id) references products (organisation_id, id)
    );
    create index announcements_product on announcements (organisation_id, product_id);

    create table unsubscribes (
      organisation_id text not null references organisations,
      email text not null check (email = lower(btrim(email))),
      created_at timestamptz not null default now(),
      primary key (organisation_id, email)
    );
  `.execute(db);
}
