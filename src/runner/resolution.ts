import type { components } from '../../generated/types.ts';
import type { Resolution } from '../builds/actions.ts';
import { fail } from '../errors/fail.ts';

/** What a runner sent of a ref; throws where it is both a commit and an error, or neither. */
export function resolutionOf({
  commit,
  error,
  known_hosts: knownHosts,
}: components['schemas']['RefResolution']): Resolution {
  if (commit && error) throw fail('invalid_format', { field: 'error' });
  if (error) return { error: error.code, message: error.message };
  if (!commit) throw fail('is_blank', { field: 'commit' });
  const { ref, message, ...people } = commit;
  return {
    knownHosts,
    commit: {
      ref,
      message,
      scm_author_name: people.author_name,
      scm_author_email: people.author_email,
      scm_authored_date: people.authored_date,
      scm_committer_name: people.committer_name,
      scm_committer_email: people.committer_email,
      scm_committed_date: people.committed_date,
    },
  };
}
