import type { Hot, Statement } from '../db/hot.ts';

/** Seconds that a lease holds without a heartbeat. */
export const LEASE_SECONDS = 60;

export type TaskKind = 'resolve' | 'build';

export interface Leased {
  readonly id: string;
  readonly kind: TaskKind;
  readonly project_id: string;
  readonly build_request_id: string;
  readonly build_id: string | null;
  readonly fence: string;
  readonly leased_until: Date;
}

/**
 * Takes the task that has waited longest and starts its build. One that another transaction is at is passed over, so that
 * any number may ask at once and no task is leased twice. The event needs an id that was made beforehand. Also looks for
 * tasks of lost runners, the longest lost first. A runner that was revoked since it began to ask, or whose organisation was
 * suspended, gets nothing.
 */
const LEASE: Statement = {
  name: 'lease_task',
  text: `with next as materialized (
    select id from runner_tasks
    where organisation_id = $1 and state = 'waiting' and kind = any ($2::text[])
      and exists (select from runners r join organisations o on o.id = r.organisation_id
        where r.id = $4 and r.organisation_id = $1 and r.revoked_at is null and o.suspended_at is null)
    order by id limit 1 for update skip locked),
  leased as (
    update runner_tasks t set state = 'leased', lease_id = $3, fence = t.fence + 1, runner_id = $4,
      leased_at = now(), leased_until = now() + interval '${LEASE_SECONDS} seconds'
    from next where t.id = next.id
    returning t.id, t.kind, t.project_id, t.build_request_id, t.build_id, t.fence, t.leased_until),
  started as (
    update builds b set state = 'building', started_at = now()
    from leased where b.id = leased.build_id
    returning b.id, b.project_id, b.build_request_id, b.name),
  seen as (
    update runners set last_seen_at = now()
    where id = $4 and organisation_id = $1 and coalesce(last_seen_at < now() - interval '15 seconds', true)),
  told as (
    insert into events (id, organisation_id, type, data)
    select $5, $1, 'build.building', jsonb_build_object('project_id', project_id::text,
      'build_request_id', build_request_id::text, 'build_id', id::text, 'name', name) from started)
  select leased.*, array(select id from runner_tasks
    where state = 'leased' and leased_until < now() and organisation_id = $1
    order by leased_until limit 10) as lapsed
  from (values (1)) as one left join leased on true`,
};

export interface Lessee {
  readonly organisationId: string;
  readonly runnerId: string;
}

/** A lease, or none, and the ids of tasks whose lease has lapsed. */
export interface Look {
  readonly leased: Leased | undefined;
  readonly lapsed: readonly string[];
}

export async function leaseNext(
  hot: Hot,
  { organisationId, runnerId }: Lessee,
  kinds: readonly TaskKind[],
  leaseId: string,
  eventId: string,
): Promise<Look> {
  const values = [organisationId, kinds, leaseId, runnerId, eventId];
  const [row] = await hot.write<{ [K in keyof Leased]: Leased[K] | null } & { lapsed: string[] }>(LEASE, values);
  if (!row) throw new Error('the statement of the lease answers a row');
  const { lapsed, ...leased } = row;
  return { leased: leased.id === null ? undefined : (leased as Leased), lapsed };
}

/** What is to be done under a lease; secrets are sealed, those of the suite in hex. */
export interface Work {
  readonly project_id: string;
  readonly organisation_id: string;
  readonly repository_url: string;
  readonly sealed_private_key: Buffer;
  readonly known_hosts: string | null;
  readonly ref: string;
  readonly commit: string | null;
  readonly publish_product_id: string | null;
  readonly suite_id: string | null;
  readonly name: string | null;
  readonly command: string | null;
  readonly environment: Readonly<Record<string, string>> | null;
  readonly timeout_seconds: number | null;
  readonly artifact_path: string | null;
  readonly log_size: string | null;
  readonly secrets: readonly { readonly name: string; readonly sealed: string }[];
}

const WORK: Statement = {
  name: 'find_work',
  text: `select t.project_id, t.organisation_id, p.repository_url, p.sealed_private_key, p.known_hosts, r.ref,
      coalesce(c.ref, r.pushed_commit) as commit,
      r.publish_product_id, b.suite_id, b.name, b.command, b.environment, b.timeout_seconds, b.artifact_path, b.log_size,
      coalesce((select jsonb_agg(jsonb_build_object('name', s.name, 'sealed', encode(s.sealed, 'hex')) order by s.name)
        from suite_secrets s where s.suite_id = b.suite_id), '[]') as secrets
    from runner_tasks t join projects p on p.id = t.project_id
    join build_requests r on r.id = t.build_request_id
    left join commits c on c.id = r.commit_id
    left join builds b on b.id = t.build_id
    where t.organisation_id = $1 and t.id = $2`,
};

/** Undefined where the task is gone. */
export async function findWork(hot: Hot, organisationId: string, taskId: string): Promise<Work | undefined> {
  return (await hot.query<Work>(WORK, [organisationId, taskId]))[0];
}
