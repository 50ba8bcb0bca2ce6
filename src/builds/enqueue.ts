import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { endRequest } from '../build_requests/ending.ts';
import type { RequestRow } from '../build_requests/queries.ts';
import { setCommitState } from '../commits/queries.ts';
import type { Deps } from '../deps.ts';
import { insertTask } from '../runner/queries.ts';
import { type BuildSuite, listBuildSuites } from '../suites/build_queries.ts';
import { insertBuild } from './queries.ts';
import { recordBuild, recordCommit } from './record.ts';

/**
 * Makes each suite of the project, as it is now, a build of the commit; without any there is nothing to wait for. The
 * request is locked.
 */
export async function enqueueBuilds(
  tx: Transaction<DB>,
  deps: Pick<Deps, 'ids' | 'vault' | 'config'>,
  request: RequestRow,
  commitId: string,
  userId: string | null,
): Promise<void> {
  const { organisation_id: organisationId, project_id } = request;
  const suites = await listBuildSuites(tx, organisationId, project_id);
  for (const suite of suites) await enqueueBuild(tx, deps, request, suite, userId);
  const state = suites.length === 0 ? 'failed_no_suites' : 'waiting_for_builds';
  await setCommitState(tx, organisationId, commitId, state);
  await recordCommit(tx, deps, request, commitId, state, userId);
  if (suites.length === 0) await endRequest(tx, deps, request, { state: 'failed_no_suites', result: null }, userId);
}

async function enqueueBuild(
  tx: Transaction<DB>,
  deps: Pick<Deps, 'ids'>,
  request: RequestRow,
  suite: BuildSuite,
  userId: string | null,
): Promise<void> {
  const { organisation_id, project_id, id: build_request_id } = request;
  const { id: suite_id, name, command, timeout_seconds, artifact_path } = suite;
  const id = deps.ids.next();
  const environment = JSON.stringify(suite.environment);
  const copy = { id, suite_id, name, command, environment, timeout_seconds, artifact_path };
  await insertBuild(tx, organisation_id, request, copy);
  const task = { id: deps.ids.next(), project_id, kind: 'build', build_request_id, build_id: id } as const;
  await insertTask(tx, organisation_id, task);
  const build = { id, organisation_id, project_id, build_request_id, name };
  await recordBuild(tx, deps, build, 'build.enqueued_for_build', userId);
}
