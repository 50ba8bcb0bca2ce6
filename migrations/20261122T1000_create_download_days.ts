import { type Kysely, sql } from 'kysely';

/**
 * How many downloads started on a day and what became of them, so that a year of statistics is a few rows. A trigger
 * writes each change of a session down in the same transaction, in rows of their own: sessions that end together never
 * wait for each other. The worker folds those rows into the days; the truth is always the sum of both tables.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    create index download_sessions_by_start on download_sessions (organisation_id, started_at, id);

    create table download_days (
      organisation_id text not null references organisations,
      day date not null,
      product_id text not null,
      started bigint not null,
      completed bigint not null,
      failed bigint not null,
      abandoned bigint not null,
      bytes bigint not null,
      primary key (organisation_id, day, product_id)
    );
    create table download_day_changes (
      organisation_id text not null,
      day date not null,
      product_id text not null,
      started bigint not null,
      completed bigint not null,
      failed bigint not null,
      abandoned bigint not null,
      bytes bigint not null
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
    create index download_day_changes_by_day on download_day_changes (organisation_id, day);

    create function count_download_sessions() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        insert into download_day_changes
        select organisation_id, (started_at at time zone 'UTC')::date, product_id, count(*),
          count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
          count(*) filter (where status = 'abandoned'), sum(bytes_sent)
        from new_sessions group by 1, 2, 3;
      elsif tg_op = 'DELETE' then
        insert into download_day_changes
        select organisation_id, (started_at at time zone 'UTC')::date, product_id, -count(*),
          -count(*) filter (where status = 'completed'), -count(*) filter (where status = 'failed'),
          -count(*) filter (where status = 'abandoned'), -sum(bytes_sent)
        from old_sessions group by 1, 2, 3;
      else
        insert into download_day_changes
        select organisation_id, (started_at at time zone 'UTC')::date, product_id, sum(sign),
          coalesce(sum(sign) filter (where status = 'completed'), 0),
          coalesce(sum(sign) filter (where status = 'failed'), 0),
          coalesce(sum(sign) filter (where status = 'abandoned'), 0), sum(sign * bytes_sent)
        from (select organisation_id, started_at, product_id, status, bytes_sent, 1 as sign from new_sessions
          union all select organisation_id, started_at, product_id, status, bytes_sent, -1 from old_sessions) changes
        group by 1, 2, 3;
      end if;
      return null;
    end $$;
    create trigger download_sessions_inserted after insert on download_sessions
      referencing new table as new_sessions for each statement execute function count_download_sessions();
    create trigger download_sessions_updated after update on download_sessions
      referencing old table as old_sessions new table as new_sessions
      for each statement execute function count_download_sessions();
    create trigger download_sessions_deleted after delete on download_sessions
      referencing old table as old_sessions for each statement execute function count_download_sessions();

    insert into download_days
    select organisation_id, (started_at at time zone 'UTC')::date, product_id, count(*),
      count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'),
      count(*) filter (where status = 'abandoned'), sum(bytes_sent)
    from download_sessions group by 1, 2, 3;
  `.execute(db);
}
