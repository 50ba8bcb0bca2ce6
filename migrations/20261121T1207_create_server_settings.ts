import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table server_settings (
      name text primary key,
      value bytea not null
    );
    create table signing_keys (
      kid text primary key,
      public_jwk jsonb not null,
      private_key bytea not null,
      created_at timestamptz not null default now()
    );
    create table worker_leases (
      worker_id smallint primary key check (worker_id between 0 and 1023),
      holder uuid not null,
      leased_until timestamptz not null
    );
  `.execute(db);
}
