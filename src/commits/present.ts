import type { components } from '../../generated/types.ts';
import type { CommitRow } from './queries.ts';

export function presentCommit(row: CommitRow): components['schemas']['Commit'] {
  return {
    id: BigInt(row.id),
    id_str: row.id,
    project_id: BigInt(row.project_id),
    project_id_str: row.project_id,
    version: BigInt(row.version),
    ref: row.ref,
    build_state: row.build_state as CommitState,
    message: row.message,
    scm_author_name: row.scm_author_name,
    scm_author_email: row.scm_author_email,
    scm_authored_date: row.scm_authored_date,
    scm_committer_name: row.scm_committer_name,
    scm_committer_email: row.scm_committer_email,
    scm_committed_date: row.scm_committed_date,
    created_at: row.created_at.toISOString(),
  };
}

type CommitState = components['schemas']['Commit']['build_state'];
