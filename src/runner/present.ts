import type { components } from '../../generated/types.ts';
import { wantsArtifact } from '../builds/actions.ts';
import type { Log } from '../builds/log_rules.ts';
import type { ContentBody } from '../manifests/publish_body.ts';
import type { OpenedWork } from './work.ts';

type Schemas = components['schemas'];
type Task = Schemas['RunnerTask'];

export function presentTask(opened: OpenedWork): Task {
  const { lease, work } = opened;
  return {
    id: BigInt(lease.id),
    id_str: lease.id,
    kind: lease.kind,
    lease_id: lease.leaseId,
    fence: BigInt(lease.fence),
    leased_until: lease.leased_until.toISOString(),
    project_id: BigInt(lease.project_id),
    project_id_str: lease.project_id,
    build_request_id: BigInt(lease.build_request_id),
    build_request_id_str: lease.build_request_id,
    repository_url: work.repository_url,
    ssh_private_key: opened.privateKey,
    ...(work.known_hosts === null ? {} : { known_hosts: work.known_hosts }),
    ref: work.ref,
    ...(work.commit === null ? {} : { commit: work.commit }),
    ...(lease.build_id === null ? {} : { build: presentRunnerBuild(lease.build_id, opened) }),
  };
}

function presentRunnerBuild(id: string, { work, secrets }: OpenedWork): Schemas['RunnerBuild'] {
  return {
    id: BigInt(id),
    id_str: id,
    name: work.name ?? '',
    command: work.command ?? '',
    environment: { ...work.environment },
    secrets,
    timeout_seconds: work.timeout_seconds ?? 1,
    ...(work.artifact_path === null ? {} : { artifact_path: work.artifact_path }),
    artifact_wanted: wantsArtifact(work, work),
    log_size: Number(work.log_size ?? 0),
  };
}

export function presentHeartbeat(row: { leased_until: Date; cancelled: boolean }): Schemas['Heartbeat'] {
  return { cancelled: row.cancelled, leased_until: row.leased_until.toISOString() };
}

export function presentFinished(id: string): Schemas['FinishedTask'] {
  return { id: BigInt(id), id_str: id, state: 'done' };
}

export function presentLog({ size, truncated }: Log): Schemas['LogState'] {
  return { size, truncated };
}

export function presentArtifact(buildId: string, artifact: ContentBody): Schemas['Artifact'] {
  return {
    build_id: BigInt(buildId),
    build_id_str: buildId,
    product_hash: artifact.productHash,
    size: artifact.size,
    file_count: artifact.fileCount,
  };
}
