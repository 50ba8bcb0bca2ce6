import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table download_tokens (
      id bigint primary key,
      organisation_id text not null,
      product_id text not null,
      version_id bigint not null,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      purchase_id bigint,
      customer_email text,
      order_id text,
      max_downloads integer check (max_downloads > 0),
      download_count integer not null default 0,
      created_by bigint references users,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      revoked_at timestamptz,
      last_used_at timestamptz,
      foreign key (organisation_id, product_id, version_id) references versions (organisation_id, product_id, id),
      foreign key (organisation_id, product_id, purchase_id) references purchases (organisation_id, product_id, id)
    );
    create index download_tokens_newest on download_tokens (organisation_id, id desc);
    create table download_sessions (
      id bigint primary key,
      organisation_id text not null references organisations,
      product_id text not null,
      version_id bigint not null references versions,
      token_id bigint not null references download_tokens,
      kind text not null check (kind in ('archive', 'packs')),
      status text not null default 'started' check (status in ('started', 'completed', 'failed', 'abandoned')),
      address text not null,
      user_agent text not null,
      total_bytes bigint not null,
      bytes_sent bigint not null default 0,
      delivered int8multirange not null default '{}',
      started_at timestamptz not null default now(),
      last_byte_at timestamptz,
      completed_at timestamptz
    );
    create unique index download_sessions_open on download_sessions (token_id, kind, md5(address || chr(10) || user_agent))
      where status = 'started';
    create index download_sessions_newest on download_sessions (organisation_id, id desc);
  `.execute(db);
}
