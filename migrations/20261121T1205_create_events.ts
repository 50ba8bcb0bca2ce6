import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table events (
      id bigint primary key,
      organisation_id text not null references organisations,
      type text not null,
      user_id bigint,
      data jsonb not null default '{}',
      created_at timestamptz not null default now()
    );
    create index events_newest on events (organisation_id, id desc);
  `.execute(db);
}
