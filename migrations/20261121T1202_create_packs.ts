import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table packs (
      organisation_id text not null references organisations,
      sha256 bytea not null check (octet_length(sha256) = 32),
      size bigint not null check (size > 0),
      stored_at timestamptz not null default now(),
      last_seen_at timestamptz not null default now(),
      primary key (organisation_id, sha256)
    );
    create table condemned_packs (
      organisation_id text not null references organisations,
      sha256 bytea not null,
      primary key (organisation_id, sha256)
    );
    create table version_packs (
      version_id bigint not null references versions on delete cascade,
      organisation_id text not null,
      sha256 bytea not null,
      primary key (version_id, sha256),
      foreign key (organisation_id, sha256) references packs
    );
    create index version_packs_pack on version_packs (organisation_id, sha256);
  `.execute(db);
}
