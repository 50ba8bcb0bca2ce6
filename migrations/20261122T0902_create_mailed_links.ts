import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table mailed_links (
      id bigint primary key,
      organisation_id text not null references organisations,
      kind text not null check (kind in ('invitation', 'password_reset', 'email_change')),
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      email text not null check (email = lower(btrim(email))),
      role text check (role in ('owner', 'admin', 'member')),
      user_id bigint references users on delete cascade,
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      used_at timestamptz,
      check (kind <> 'invitation' or role is not null),
      check (kind = 'invitation' or user_id is not null)
    );
    create unique index mailed_links_invitation on mailed_links (organisation_id, email)
        where kind = 'invitation' and used_at is null;
    create index mailed_links_newest on mailed_links (organisation_id, id desc);
    create index mailed_links_user_id on mailed_links (user_id);
    create index mailed_links_expires_at on mailed_links (expires_at);
    alter table users add column name text;
  `.execute(db);
}
