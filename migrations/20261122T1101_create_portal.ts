import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table portal_codes (
      id bigint primary key,
      request_hash bytea not null unique check (octet_length(request_hash) = 32),
      email text not null check (email = lower(btrim(email))),
      code_hash bytea not null check (octet_length(code_hash) = 32),
      link_hash bytea not null unique check (octet_length(link_hash) = 32),
      tries integer not null default 0,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index portal_codes_expires_at on portal_codes (expires_at);
    create table portal_sessions (
      id bigint primary key,
      email text not null check (email = lower(btrim(email))),
      kind text not null check (kind in ('browser', 'api')),
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    create index portal_sessions_email on portal_sessions (email);
    create index portal_sessions_expires_at on portal_sessions (expires_at);
    create index purchases_of_customer on purchases (customer_email, id desc);
    drop index purchases_customer_email;
  `.execute(db);
}
