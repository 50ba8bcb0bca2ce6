import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table applications (
      id bigint primary key,
      organisation_id text not null references organisations,
      name text not null,
      description text not null default '',
      confidential boolean not null,
      secret_hash bytea check (octet_length(secret_hash) = 32),
      secret_created_at timestamptz,
      redirect_uris text[] not null check (cardinality(redirect_uris) > 0),
      implicit boolean not null default false,
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      check (confidential = (secret_hash is not null))
    );
    create index applications_newest on applications (organisation_id, id desc);
    create table authorizations (
      id bigint primary key,
      user_id bigint not null references users on delete cascade,
      application_id bigint not null references applications on delete cascade,
      scopes text[] not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (user_id, application_id)
    );
    create index authorizations_application_id on authorizations (application_id);
    create table authorization_codes (
      id bigint primary key,
      authorization_id bigint not null references authorizations on delete cascade,
      code_hash bytea not null unique check (octet_length(code_hash) = 32),
      redirect_uri text not null,
      redirect_uri_sent boolean not null,
      scopes text[] not null,
      code_challenge text,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index authorization_codes_authorization_id on authorization_codes (authorization_id);
    create index authorization_codes_expires_at on authorization_codes (expires_at);
    create table access_tokens (
      id bigint primary key,
      authorization_id bigint not null references authorizations on delete cascade,
      code_id bigint references authorization_codes on delete set null,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      scopes text[] not null,
      created_at timestamptz not null default now()
    );
    create index access_tokens_authorization_id on access_tokens (authorization_id);
    create index access_tokens_code_id on access_tokens (code_id);
  `.execute(db);
}
