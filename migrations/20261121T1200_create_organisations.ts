import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table organisations (
      id text primary key,
      name text not null,
      billing text not null default 'active' check (billing in ('active', 'trialing', 'overdue')),
      trial_ends_at timestamptz,
      suspended_at timestamptz,
      created_at timestamptz not null default now(),
      check (billing <> 'trialing' or trial_ends_at is not null)
    );
    create table users (
      id bigint primary key,
      organisation_id text not null references organisations,
      email text not null unique check (email = lower(btrim(email))),
      role text not null check (role in ('owner', 'admin', 'member')),
      password_hash text,
      api_key_hash bytea unique check (octet_length(api_key_hash) = 32),
      api_key_created_at timestamptz,
      created_at timestamptz not null default now()
    );
    create index users_organisation_id on users (organisation_id);
  `.execute(db);
}
