import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table projects (
      id bigint primary key,
      organisation_id text not null references organisations,
      name text not null,
      description text not null default '',
      repository_url text not null,
      branches text[] not null default '{}',
      build_state text not null default 'new' check (build_state in ('new', 'updating_repository', 'updated',
        'update_repository_errored', 'update_repository_timeout')),
      key_type text not null check (key_type in ('ed25519', 'rsa')),
      ssh_public_key text not null,
      sealed_private_key bytea not null,
      known_hosts text,
      sealed_hook_secret bytea not null,
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (organisation_id, id)
    );
    create index projects_newest on projects (organisation_id, id desc);

    create table collaborators (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      email text not null check (email = lower(btrim(email))),
      user_id bigint references users on delete cascade,
      invited_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      accepted_at timestamptz,
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      unique (project_id, email),
      unique (project_id, user_id),
      check ((user_id is null) = (accepted_at is null))
    );
    create index collaborators_newest on collaborators (project_id, id desc);
    create index collaborators_user_id on collaborators (user_id, project_id);
    create index collaborators_email on collaborators (email) where accepted_at is null;

    create table suites (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      name text not null,
      description text not null default '',
      command text not null,
      environment jsonb not null default '{}' check (jsonb_typeof(environment) = 'object'),
      timeout_seconds integer not null check (timeout_seconds between 1 and 86400),
      artifact_path text,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      unique (project_id, name)
    );
    create index suites_newest on suites (project_id, id desc);
    create table suite_secrets (
      suite_id bigint not null references suites on delete cascade,
      name text not null,
      sealed bytea not null,
      updated_at timestamptz not null default now(),
      primary key (suite_id, name)
    );

    alter table users add column build_mails text not null default 'none'
      check (build_mails in ('none', 'failures', 'all'));
  `.execute(db);
}
