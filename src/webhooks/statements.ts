import type { Statement } from '../db/hot.ts';
import type { Report } from './change.ts';
import type { Vendor } from './vendors.ts';

export interface SealedSecret {
  readonly organisation_id: string;
  readonly sealed: Buffer;
}

/** Of these organisations, the newest first. */
export const SECRETS_OF: Statement = {
  name: 'webhook_secrets_of',
  text: `select organisation_id, sealed from integration_secrets
    where organisation_id = any($2::text[]) and vendor = $1 order by id desc`,
};

/** Of all organisations, the newest first. */
export const ALL_SECRETS: Statement = {
  name: 'webhook_secrets',
  text: `select organisation_id, sealed from integration_secrets where vendor = $1 order by id desc`,
};

export interface NewDelivery extends Report {
  readonly id: string;
  readonly organisationId: string;
  readonly vendor: Vendor;
  readonly bodySha256: Buffer;
  readonly sealedBody: Buffer;
}

/**
 * Keeps reports and queues one job that applies them, both or neither; passes over those that are here already. The job
 * stands before those of thousands of mails, so that it is found without looking at them.
 */
export const STORE_DELIVERIES: Statement = {
  name: 'store_webhook_deliveries',
  text: `with stored as (
    insert into webhook_deliveries (id, organisation_id, vendor, event_id, type, body_sha256, sealed_body)
    select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
    on conflict do nothing
    returning id, organisation_id)
  select graphile_worker.add_job('apply_webhooks',
    json_agg(json_build_object('deliveryId', id::text, 'organisationId', organisation_id)), max_attempts := 20,
    priority := -1)
  from stored having count(*) > 0`,
};

/** In an order of their own: two statements that store the same ones then never wait for each other in a circle. */
export function deliveryParameters(deliveries: readonly NewDelivery[]): unknown[] {
  const rows = [...deliveries].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const column = <K extends keyof NewDelivery>(name: K) => rows.map((row) => row[name]);
  return [
    column('id'),
    column('organisationId'),
    column('vendor'),
    column('eventId'),
    column('type'),
    column('bodySha256'),
    column('sealedBody'),
  ];
}

const keyOf = ({ organisationId, vendor, eventId }: NewDelivery) => `${organisationId} ${vendor} ${eventId}`;
