import { type Kysely, sql } from 'kysely';

/**
 * Ids of events are made before they commit, so that one with a smaller id may appear after one with a larger. Readers
 * that follow them go by transaction, then id, and stop before the oldest transaction that is still under way: what they
 * have passed is complete. Whoever follows looks at the table ten times a second: a notification from each event's
 * transaction would make all commits take turns, those of minting included. Logs of builds are few enough for it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table events add column tx xid8 not null default '3';
    alter table events alter column tx set default pg_current_xact_id();
    create index events_in_order on events (organisation_id, tx, id);

    create function notify_build_log() returns trigger language plpgsql as $$
    begin
      perform pg_notify('continuity_builds', new.id::text);
      return null;
    end $$;
    create trigger builds_logged after update of log_size, state on builds
      for each row when (old.log_size <> new.log_size or old.state <> new.state) execute function notify_build_log();
  `.execute(db);
}
