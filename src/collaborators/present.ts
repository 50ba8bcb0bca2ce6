import type { components } from '../../generated/types.ts';
import type { CollaborationRow } from './collaboration_queries.ts';
import type { CollaboratorRow } from './queries.ts';

type Shared = Pick<CollaboratorRow, 'id' | 'project_id' | 'created_at' | 'accepted_at'>;

const idsOf = ({ id, project_id }: Shared) => ({
  id: BigInt(id),
  id_str: id,
  project_id: BigInt(project_id),
  project_id_str: project_id,
});

const stateOf = ({ created_at, accepted_at }: Shared) => ({
  state: accepted_at === null ? ('waiting' as const) : ('accepted' as const),
  created_at: created_at.toISOString(),
  ...(accepted_at === null ? {} : { accepted_at: accepted_at.toISOString() }),
});

export function presentCollaborator(row: CollaboratorRow): components['schemas']['Collaborator'] {
  return { ...idsOf(row), email: row.email, ...stateOf(row) };
}

export function presentCollaboration(row: CollaborationRow): components['schemas']['Collaboration'] {
  const { project_name, organisation_id, organisation_name } = row;
  return { ...idsOf(row), project_name, organisation_id, organisation_name, ...stateOf(row) };
}
