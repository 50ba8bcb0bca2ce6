import type { components } from '../../generated/types.ts';
import type { SuiteRow } from './queries.ts';

type Suite = components['schemas']['Suite'];

export function presentSuite(row: SuiteRow): Suite {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    project_id: BigInt(row.project_id),
    project_id_str: row.project_id,
    name: row.name,
    description: row.description,
    command: row.command,
    environment: row.environment as Suite['environment'],
    secret_names: row.secret_names,
    timeout_seconds: row.timeout_seconds,
    artifact_path: row.artifact_path ?? '',
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
