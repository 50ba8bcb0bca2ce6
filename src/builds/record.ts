import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import type { CommitState } from '../commits/queries.ts';

type Needs = Pick<Deps, 'ids'>;

interface Request {
  readonly id: string;
  readonly organisation_id: string;
  readonly project_id: string;
  readonly ref: string;
}

/** `userId` asked for it; null for a runner and the server. */
export function recordRequest(
  tx: Transaction<DB>,
  { ids }: Needs,
  { id, organisation_id: organisationId, project_id, ref }: Request,
  type: 'build_request.processing' | 'build_request.processed' | 'build_request.failed_no_suites',
  userId: string | null,
  more: Readonly<Record<string, string | null>> = {},
): Promise<void> {
  const data = { project_id, build_request_id: id, ref, ...more };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data });
}

interface Build {
  readonly id: string;
  readonly organisation_id: string;
  readonly project_id: string;
  readonly build_request_id: string;
  readonly name: string;
}

/** That one is `building` is written by the statement of the lease. */
export function recordBuild(
  tx: Transaction<DB>,
  { ids }: Needs,
  { id, organisation_id: organisationId, project_id, build_request_id, name }: Build,
  type: 'build.enqueued_for_build' | 'build.build_succeed' | 'build.build_failed',
  userId: string | null,
  more: Readonly<Record<string, string | null>> = {},
): Promise<void> {
  const data = { project_id, build_request_id, build_id: id, name, ...more };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data });
}

const COMMIT_TYPES = {
  waiting_for_builds: 'commit.waiting_for_builds',
  succeed: 'commit.succeed',
  failed: 'commit.failed',
  failed_no_suites: 'commit.failed_no_suites',
} as const satisfies Record<CommitState, string>;

export function recordCommit(
  tx: Transaction<DB>,
  { ids }: Needs,
  { id: build_request_id, organisation_id: organisationId, project_id }: Request,
  commitId: string,
  state: CommitState,
  userId: string | null,
): Promise<void> {
  const data = { project_id, build_request_id, commit_id: commitId };
  return recordEvent(tx, { id: ids.next(), organisationId, type: COMMIT_TYPES[state], userId, data });
}
