import type { ClientBase } from 'pg';

const VERIFY = `
  select graphile_worker.add_job('verify_version', json_build_object(
    'organisationId', organisation_id, 'productId', product_id, 'versionId', id::text), max_attempts := 12,
    job_key := 'verify:' || id)
  from versions where status = 'processing'`;

const APPLY = `
  select graphile_worker.add_job('apply_webhooks', json_build_array(json_build_object(
    'deliveryId', id::text, 'organisationId', organisation_id)), max_attempts := 20, priority := -1)
  from webhook_deliveries where status in ('received', 'failed') order by id`;

/** Lines whose item was mapped a moment before. */
const REPLAY = `
  select graphile_worker.add_job('replay_lines', json_build_object(
    'organisationId', organisation_id, 'vendor', vendor, 'externalId', external_id), max_attempts := 20)
  from external_mappings m
  where exists (select from order_lines l where l.organisation_id = m.organisation_id and l.vendor = m.vendor
    and l.state = 'waiting' and m.external_id = any(l.external_ids))
  group by organisation_id, vendor, external_id`;

/**
 * Nearly all of them went out a moment after the backup was made, and a copy of the server that somebody tries out must
 * write to nobody: admins decide.
 */
const GIVE_UP_MAILS = `
  with given_up as (
    update mails set state = 'failed', error = 'restored from a backup: whether it went out since then is not known'
    where state = 'waiting' returning organisation_id, purchase_ids)
  update purchases p set email_state = 'failed' from given_up g
  where p.organisation_id = g.organisation_id and p.id = any(g.purchase_ids)`;

/** The queue is no part of a backup: does for the rows that wait for a job what is right after a restore. */
export async function requeue(client: ClientBase): Promise<void> {
  for (const statement of [VERIFY, APPLY, REPLAY, GIVE_UP_MAILS]) await client.query(statement);
}
