import type { components } from '../../generated/types.ts';
import type { WithSecret } from './actions.ts';
import type { ProjectRow } from './queries.ts';
import { hookUrl } from './rules.ts';

type Project = components['schemas']['Project'];

/** @param organisationId of who reads it */
export function presentProject(row: ProjectRow, { organisationId }: { organisationId: string }): Project {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    name: row.name,
    description: row.description,
    repository_url: row.repository_url,
    branches: row.branches,
    build_state: row.build_state as Project['build_state'],
    owned: row.organisation_id === organisationId,
    key_type: row.key_type as Project['key_type'],
    ssh_public_key: row.ssh_public_key,
    known_hosts: row.known_hosts ?? '',
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

/** For a user of the organisation that owns it. */
export function presentWithSecret(
  { row, secret }: WithSecret,
  publicUrl: string,
): components['schemas']['ProjectWithSecret'] {
  const project = presentProject(row, { organisationId: row.organisation_id });
  return { ...project, hook_url: hookUrl(publicUrl, row.id), hook_secret: secret };
}
