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
 * Keeps reports and queues one job that applies them, both or neither; passes over those that are here already, unless they
 * should be applied by now and are not: then they are sent again for that. They are looked for only where some are here, as
 * a plan may be that was made while the table was empty. The job stands before those of thousands of mails, so that it is
 * found without looking at them.
 */
export const STORE_DELIVERIES: Statement = {
  name: 'store_webhook_deliveries',
  text: `with stored as (
    insert into webhook_deliveries (id, organisation_id, vendor, event_id, type, body_sha256, sealed_body)
    select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
    on conflict do nothing
    returning id, organisation_id), due as (
    select id, organisation_id from stored
    union all
    select d.id, d.organisation_id
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
      g (organisation_id, vendor, event_id, type, body_sha256)
    join webhook_deliveries d on d.organisation_id = g.organisation_id and d.vendor = g.vendor
      and (d.event_id = g.event_id
        or d.vendor in ('shopify', 'woocommerce') and d.type = g.type and d.body_sha256 = g.body_sha256)
    where (select count(*) from stored) < cardinality($1::bigint[])
      and (d.status = 'failed' or d.status = 'received' and d.received_at < now() - interval '5 minutes'))
  select graphile_worker.add_job('apply_webhooks',
    json_agg(json_build_object('deliveryId', id::text, 'organisationId', organisation_id)), max_attempts := 20,
    priority := -1)
  from due having count(*) > 0`,
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
