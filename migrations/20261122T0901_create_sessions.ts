import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table sessions (
      id bigint primary key,
      user_id bigint not null references users on delete cascade,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      address text not null,
      user_agent text not null,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    create index sessions_user_id on sessions (user_id);
    create index sessions_expires_at on sessions (expires_at);
    create table throttles (
      key varchar(255) primary key,
      points integer not null default 0,
      expire bigint
    );
    create index throttles_expire on throttles (expire);
  `.execute(db);
}
