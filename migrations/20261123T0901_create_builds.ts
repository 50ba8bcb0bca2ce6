import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create table commits (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      ref text not null check (ref ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
      version bigint not null,
      build_state text not null check (build_state in ('waiting_for_builds', 'succeed', 'failed', 'failed_no_suites')),
      message text not null,
      scm_author_name text not null,
      scm_author_email text not null,
      scm_authored_date text not null,
      scm_committer_name text not null,
      scm_committer_email text not null,
      scm_committed_date text not null,
      created_at timestamptz not null default now(),
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      unique (project_id, ref)
    );
    create index commits_newest on commits (project_id, id desc);

    create table build_requests (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      source text not null check (source in ('api', 'github', 'page')),
      ref text not null,
      pushed_commit text check (pushed_commit ~ '^[0-9a-f]{40}([0-9a-f]{24})?$'),
      commit_id bigint references commits on delete cascade,
      state text not null check (state in ('processing', 'processed', 'failed_no_suites')),
      result text check (result in ('succeed', 'failed', 'cancelled')),
      error text,
      message text,
      publish_product_id text,
      publish_version text,
      publish_activate boolean not null default false,
      published_version_id bigint,
      retry_of bigint references build_requests on delete set null,
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      finished_at timestamptz,
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      check ((state = 'processing') = (finished_at is null)),
      check ((publish_product_id is null) = (publish_version is null))
    );
    create index build_requests_newest on build_requests (project_id, id desc);
    create index build_requests_commit_id on build_requests (commit_id);
    create index build_requests_retry_of on build_requests (retry_of);
    create table github_deliveries (
      project_id bigint not null references projects on delete cascade,
      body_sha256 bytea not null check (octet_length(body_sha256) = 32),
      received_at timestamptz not null default now(),
      primary key (project_id, body_sha256)
    );

    create table builds (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      build_request_id bigint not null references build_requests on delete cascade,
      suite_id bigint references suites on delete set null,
      name text not null,
      command text not null,
      environment jsonb not null,
      timeout_seconds integer not null,
      artifact_path text,
      state text not null check (state in ('enqueued_for_build', 'building', 'build_succeed', 'build_failed')),
      exit_code integer,
      failure text check (failure in ('exit_code', 'signal', 'timeout', 'runner_lost', 'cancelled', 'artifact',
        'repository', 'sandbox')),
      message text,
      log_size bigint not null default 0,
      log_truncated boolean not null default false,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      check ((state in ('build_succeed', 'build_failed')) = (finished_at is not null)),
      check ((state = 'build_failed') = (failure is not null))
    );
    create index builds_by_request on builds (build_request_id, id);
    create index builds_suite_id on builds (suite_id);
    create table build_log_chunks (
      build_id bigint not null references builds on delete cascade,
      start bigint not null,
      bytes bytea not null,
      primary key (build_id, start)
    );
    create table build_artifacts (
      build_id bigint primary key references builds on delete cascade,
      product_hash text not null,
      manifest bytea not null,
      created_at timestamptz not null default now()
    );
    create table build_artifact_packs (
      build_id bigint not null references build_artifacts on delete cascade,
      organisation_id text not null,
      sha256 bytea not null check (octet_length(sha256) = 32),
      primary key (build_id, sha256)
    );
    create index build_artifact_packs_sha256 on build_artifact_packs (organisation_id, sha256);

    create table runners (
      id bigint primary key,
      organisation_id text not null references organisations,
      name text not null,
      token_hash bytea not null unique check (octet_length(token_hash) = 32),
      created_by bigint references users on delete set null,
      created_at timestamptz not null default now(),
      last_seen_at timestamptz,
      revoked_at timestamptz
    );
    create index runners_newest on runners (organisation_id, id desc);

    create table runner_tasks (
      id bigint primary key,
      organisation_id text not null,
      project_id bigint not null,
      kind text not null check (kind in ('resolve', 'build')),
      build_request_id bigint not null references build_requests on delete cascade,
      build_id bigint unique references builds on delete cascade,
      state text not null check (state in ('waiting', 'leased', 'done')),
      lease_id text,
      fence bigint not null default 0,
      runner_id bigint references runners on delete set null,
      leased_at timestamptz,
      leased_until timestamptz,
      losses integer not null default 0,
      created_at timestamptz not null default now(),
      foreign key (organisation_id, project_id) references projects (organisation_id, id) on delete cascade,
      check ((kind = 'build') = (build_id is not null)),
      check ((state = 'leased') = (leased_until is not null)),
      check (state <> 'leased' or leased_at is not null)
    );
    create index runner_tasks_waiting on runner_tasks (organisation_id, id) where state = 'waiting';
    create index runner_tasks_leased on runner_tasks (leased_until) where state = 'leased';
    create index runner_tasks_by_request on runner_tasks (build_request_id);
  `.execute(db);
}
