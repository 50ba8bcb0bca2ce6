import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { endRequest } from '../build_requests/ending.ts';
import { queuePublication, type RequestRow, setCommit } from '../build_requests/queries.ts';
import { type ScmCommit, setCommitState, upsertCommit } from '../commits/queries.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { pinKnownHosts, setBuildState } from '../projects/runner_queries.ts';
import { endTask, type Lease, requeueTask } from '../runner/queries.ts';
import { hasArtifact } from './artifact_queries.ts';
import { enqueueBuilds } from './enqueue.ts';
import { holdLease, type Locked, lockWork } from './held.ts';
import { appendLoss } from './log_rules.ts';
import { type BuildRow, listBuildStates, lockBuild, setVerdict, setWaiting, writeLog } from './queries.ts';
import { recordBuild, recordCommit } from './record.ts';
import { hasEnded, LOST, onLoss, outcomeOf, type Report, type Verdict, verdictOf } from './rules.ts';

type Needs = Pick<Deps, 'ids' | 'vault' | 'config'>;

/** What a runner found a ref to be, or why it found nothing. */
export type Resolution =
  | { readonly commit: ScmCommit; readonly knownHosts: string | undefined }
  | { readonly error: string; readonly message: string | undefined };

/**
 * Ends a `resolve` task; its commit is built. Of a request that was cancelled meanwhile nothing is built: the task just
 * ends.
 */
export function resolveTask(
  db: Kysely<DB>,
  deps: Needs,
  lease: Lease,
  taskId: string,
  resolution: Resolution,
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const { request, task } = await holdLease(tx, lease, taskId);
    if (task.kind !== 'resolve') throw fail('conflict');
    await endTask(tx, task);
    if (request.state !== 'processing') return;
    if ('error' in resolution) await failResolve(tx, deps, request, resolution.error, resolution.message);
    else await buildCommit(tx, deps, request, resolution);
  });
}

async function buildCommit(
  tx: Transaction<DB>,
  deps: Needs,
  request: RequestRow,
  { commit, knownHosts }: Extract<Resolution, { commit: ScmCommit }>,
): Promise<void> {
  const { organisation_id: organisationId, project_id: projectId } = request;
  if (knownHosts !== undefined) await pinKnownHosts(tx, organisationId, projectId, knownHosts);
  const id = await upsertCommit(tx, organisationId, projectId, deps.ids.next(), 'waiting_for_builds', commit);
  await setCommit(tx, organisationId, request.id, id);
  await enqueueBuilds(tx, deps, request, id, null);
  await setBuildState(tx, organisationId, projectId, 'updated');
}

async function failResolve(
  tx: Transaction<DB>,
  deps: Needs,
  request: RequestRow,
  error: string,
  message: string | undefined,
): Promise<void> {
  const state = error === 'timeout' ? 'update_repository_timeout' : 'update_repository_errored';
  await setBuildState(tx, request.organisation_id, request.project_id, state);
  const ending = { state: 'processed', result: 'failed', error } as const;
  await endRequest(tx, deps, request, message === undefined ? ending : { ...ending, message });
}

/** Ends a `build` task. A build that was cancelled meanwhile stays so, whatever its runner says. */
export function finishTask(db: Kysely<DB>, deps: Needs, lease: Lease, taskId: string, report: Report): Promise<void> {
  verdictOf(report, false);
  return inTransaction(db, async (tx) => {
    const { request, task } = await holdLease(tx, lease, taskId);
    if (task.build_id === null) throw fail('conflict');
    await endTask(tx, task);
    const build = await lockBuild(tx, lease.organisationId, task.build_id);
    if (hasEnded(build.state)) return;
    const missing = wantsArtifact(request, build) && !(await hasArtifact(tx, lease.organisationId, build.id));
    await endBuild(tx, deps, request, build, verdictOf(report, missing));
  });
}

/** Whether what the build makes is to be published. */
export function wantsArtifact(
  { publish_product_id }: Pick<RequestRow, 'publish_product_id'>,
  { artifact_path }: { readonly artifact_path: string | null },
): boolean {
  return publish_product_id !== null && artifact_path !== null;
}

/**
 * The build has ended, and with the last one its request. The request is locked: of two builds that end at once the second
 * sees the first. What is to be published is published by a job that commits with this, so that a crash loses neither.
 */
async function endBuild(
  tx: Transaction<DB>,
  deps: Needs,
  request: RequestRow,
  build: BuildRow,
  verdict: Verdict,
): Promise<void> {
  const { organisation_id: organisationId, commit_id: commitId } = request;
  await setVerdict(tx, organisationId, build.id, verdict);
  if (verdict.state === 'build_succeed') await recordBuild(tx, deps, build, 'build.build_succeed', null);
  else await recordBuild(tx, deps, build, 'build.build_failed', null, { failure: verdict.failure });
  const states = await listBuildStates(tx, organisationId, request.id);
  const outcome = outcomeOf(states, request.publish_product_id !== null);
  if (outcome === 'going_on') return;
  const state = outcome === 'failed' ? 'failed' : 'succeed';
  if (commitId !== null) {
    await setCommitState(tx, organisationId, commitId, state);
    await recordCommit(tx, deps, request, commitId, state, null);
  }
  if (outcome === 'publish') await queuePublication(tx, organisationId, request.id);
  else await endRequest(tx, deps, request, { state: 'processed', result: state });
}

/**
 * Takes the task of a runner whose lease has lapsed away from it: another one gets it, or, after too many losses, it has
 * failed. Nothing happens where a heartbeat, the end of the work or another look came first.
 */
export function loseTask(db: Kysely<DB>, deps: Needs, organisationId: string, taskId: string): Promise<void> {
  return inTransaction(db, async (tx) => {
    const locked = await lockWork(tx, organisationId, taskId);
    if (locked?.task.state !== 'leased' || !locked.task.lapsed) return;
    if (locked.request.state !== 'processing') await endTask(tx, locked.task);
    else if (onLoss(locked.task.losses) === 'requeue') await requeue(tx, deps, locked);
    else await giveUp(tx, deps, locked);
  });
}

async function requeue(tx: Transaction<DB>, deps: Needs, { task }: Locked): Promise<void> {
  await requeueTask(tx, task);
  if (task.build_id === null) return;
  const build = await lockBuild(tx, task.organisation_id, task.build_id);
  await setWaiting(tx, task.organisation_id, build.id);
  await writeLog(tx, build, appendLoss({ size: Number(build.log_size), truncated: build.log_truncated }));
  await recordBuild(tx, deps, build, 'build.enqueued_for_build', null, { reason: 'runner_lost' });
}

async function giveUp(tx: Transaction<DB>, deps: Needs, { request, task }: Locked): Promise<void> {
  await endTask(tx, task);
  if (task.build_id === null) return failResolve(tx, deps, request, 'runner_lost', undefined);
  const build = await lockBuild(tx, task.organisation_id, task.build_id);
  await endBuild(tx, deps, request, build, LOST);
}
