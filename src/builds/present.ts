import type { components } from '../../generated/types.ts';
import type { BuildRow } from './queries.ts';

type Build = components['schemas']['Build'];

export function presentBuild(row: BuildRow): Build {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    build_request_id: BigInt(row.build_request_id),
    build_request_id_str: row.build_request_id,
    project_id: BigInt(row.project_id),
    project_id_str: row.project_id,
    ...(row.suite_id === null ? {} : { suite_id: BigInt(row.suite_id), suite_id_str: row.suite_id }),
    name: row.name,
    command: row.command,
    timeout_seconds: row.timeout_seconds,
    ...(row.artifact_path === null ? {} : { artifact_path: row.artifact_path }),
    state: row.state as Build['state'],
    ...(row.exit_code === null ? {} : { exit_code: row.exit_code }),
    ...(row.failure === null ? {} : { failure: row.failure as NonNullable<Build['failure']> }),
    ...(row.message === null ? {} : { message: row.message }),
    log_size: Number(row.log_size),
    log_truncated: row.log_truncated,
    created_at: row.created_at.toISOString(),
    ...(row.started_at === null ? {} : { started_at: row.started_at.toISOString() }),
    ...(row.finished_at === null ? {} : { finished_at: row.finished_at.toISOString() }),
  };
}
