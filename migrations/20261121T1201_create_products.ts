import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table products (
      organisation_id text not null references organisations,
      id text not null,
      name text not null,
      description text not null default '',
      status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
      active_version_id bigint,
      activation_asked_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (organisation_id, id)
    );
    create table versions (
      id bigint primary key,
      organisation_id text not null,
      product_id text not null,
      version text not null,
      status text not null default 'processing' check (status in ('processing', 'ready', 'failed', 'yanked')),
      product_hash bytea not null check (octet_length(product_hash) = 32),
      manifest_sha256 bytea not null check (octet_length(manifest_sha256) = 32),
      manifest_size bigint not null,
      manifest_jws text,
      activation_asked_at timestamptz,
      size bigint not null,
      file_count integer not null,
      archive_size bigint,
      archive_etag text,
      failures jsonb not null default '[]',
      created_by bigint references users,
      created_at timestamptz not null default now(),
      ready_at timestamptz,
      yanked_at timestamptz,
      unique (organisation_id, product_id, version),
      unique (organisation_id, product_id, id),
      foreign key (organisation_id, product_id) references products (organisation_id, id),
      check (status not in ('ready', 'yanked') or (archive_size is not null and archive_etag is not null and manifest_jws is not null))
    );
    create index versions_processing on versions (id) where status = 'processing';
    create index versions_manifest on versions (organisation_id, manifest_sha256);
    alter table products add foreign key (organisation_id, id, active_version_id)
      references versions (organisation_id, product_id, id);
  `.execute(db);
}
