import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table idempotency_keys (
      user_id bigint not null references users,
      operation_id text not null,
      key text not null,
      request_hash bytea not null,
      status smallint not null,
      response bytea not null,
      created_at timestamptz not null default now(),
      primary key (user_id, operation_id, key)
    );
    create index idempotency_keys_created_at on idempotency_keys (created_at);
  `.execute(db);
}
