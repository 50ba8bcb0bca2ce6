import { type Kysely, sql } from 'kysely';

/**
 * Ids of events are made before they commit, so that one with a smaller id may appear after one with a larger. Readers
 * that follow them go by transaction, then id, and stop before the oldest transaction that is still under way: what they
 * have passed is complete. Whoever follows is woken by a notification, which goes out with the commit.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table events add column tx xid8 not null default '3';
    alter table events alter column tx set default pg_current_xact_id();
    create index events_in_order on events (organisation_id, tx, id);

    create function notify_events() returns trigger language plpgsql as $$
    begin
      perform pg_notify('continuity_events', organisation_id) from (select distinct organisation_id from new_events) o;
      return null;
    end $$;
    create trigger events_inserted after insert on events
      referencing new table as new_events for each statement execute function notify_events();

    create function notify_build_log() returns trigger language plpgsql as $$
    begin
      perform pg_notify('continuity_builds', new.id::text);
      return null;
    end $$;
    create trigger builds_logged after update of log_size, state on builds
      for each row when (old.log_size <> new.log_size or old.state <> new.state) execute function notify_build_log();
  `.execute(db);
}
