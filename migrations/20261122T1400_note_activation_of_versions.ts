import { type Kysely, sql } from 'kysely';

/**
 * When a version was first activated: from then on customers may have it. What happened before is in the events; a version
 * that is active without one counts from when it was ready.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table versions add column activated_at timestamptz;
    update versions v set activated_at = e.at
    from (select organisation_id, data->>'version_id' as version_id, min(created_at) as at from events
      where type = 'version.activated' group by 1, 2) e
    where v.organisation_id = e.organisation_id and v.id::text = e.version_id;
    update versions v set activated_at = coalesce(v.ready_at, now())
    from products p
    where p.organisation_id = v.organisation_id and p.id = v.product_id and p.active_version_id = v.id
      and v.activated_at is null;
    alter table versions add check (activated_at is null or status in ('ready', 'yanked'));
  `.execute(db);
}
