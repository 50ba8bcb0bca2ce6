import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';

const KEPT_TRYING_DAYS = 7;

/**
 * Queues the reports that are not applied and that no job knows of: one that was never looked at, since its jobs all met an
 * outage, is due now, and one that failed once a day for a week. Answers how many there were.
 */
export async function requeueDeliveries(db: Kysely<DB>): Promise<number> {
  const { rows } = await sql`
    with queued as materialized (
      select (named.report ->> 'deliveryId')::bigint as id
      from graphile_worker._private_jobs j
      join graphile_worker._private_tasks t on t.id = j.task_id,
        json_array_elements(case json_typeof(j.payload) when 'array' then j.payload else '[]' end) named (report)
      where t.identifier = 'apply_webhooks' and (j.attempts < j.max_attempts or j.locked_at is not null))
    select graphile_worker.add_job('apply_webhooks', json_build_array(json_build_object(
        'deliveryId', d.id::text, 'organisationId', d.organisation_id)),
      run_at := now() + case d.status when 'failed' then interval '1 day' else interval '0' end,
      max_attempts := case d.status when 'failed' then 1 else 20 end,
      job_key := 'apply:' || d.id, job_key_mode := 'replace', priority := -1)
    from organisations o
    join webhook_deliveries d on d.organisation_id = o.id and d.status in ('received', 'failed')
    where d.received_at < now() - interval '5 minutes'
      and (d.status = 'received' or d.received_at > now() - make_interval(days => ${KEPT_TRYING_DAYS}::int))
      and d.id not in (select id from queued)`.execute(db);
  return rows.length;
}
