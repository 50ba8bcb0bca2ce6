import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { enqueueBuilds } from '../builds/enqueue.ts';
import { lockBuilds, setVerdict } from '../builds/queries.ts';
import { recordBuild, recordCommit, recordRequest } from '../builds/record.ts';
import { CANCELLED, hasEnded, isRef, mayCancel, requireEnded } from '../builds/rules.ts';
import { findSha, hasCommits, setCommitState } from '../commits/queries.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { holdProject, setBuildState, trustsAnybody } from '../projects/runner_queries.ts';
import { endWaitingTasks, insertTask } from '../runner/queries.ts';
import { endRequest } from './ending.ts';
import { type Publish, requirePublishable } from './publish_check.ts';
import { insertRequest, lockRequest, type NewRequest, type RequestRow } from './queries.ts';

type Needs = Pick<Deps, 'ids' | 'vault' | 'config'>;

/** The project to build and the organisation that owns it. */
export interface Target {
  readonly organisationId: string;
  readonly projectId: string;
}

export interface BuildRequestCreate {
  readonly ref: string;
  /** SHA that the ref was when it was pushed: this one is built, whatever the ref is by then. */
  readonly pushed?: string;
  readonly publish?: Publish;
}

/**
 * Has a ref built: the first thing to do is a runner's, who finds out what commit it is. Answers the new request's id.
 *
 * @param userId who asked; null for a push hook
 */
export async function createRequest(
  db: Kysely<DB>,
  deps: Needs,
  target: Target,
  { ref, pushed, publish }: BuildRequestCreate,
  source: NewRequest['source'],
  userId: string | null,
): Promise<string> {
  if (!isRef(ref)) throw fail('invalid_format', { field: 'ref' });
  return inTransaction(db, async (tx) => {
    await requireProjectStays(tx, target);
    if (publish) await requirePublishable(tx, target, publish);
    const { id } = await startRequest(tx, deps, target, {
      source,
      ref,
      pushed_commit: pushed ?? null,
      commit_id: null,
      publish_product_id: publish?.product_id ?? null,
      publish_version: publish?.version ?? null,
      publish_activate: publish?.activate ?? false,
      retry_of: null,
      created_by: userId,
    });
    return id;
  });
}

/** Builds what the request built once more, as a request of its own; answers its id. What was published stays so. */
export async function retryRequest(
  db: Kysely<DB>,
  deps: Needs,
  target: Target,
  old: RequestRow,
  source: NewRequest['source'],
  userId: string,
): Promise<string> {
  requireEnded(old);
  const again = publishesAgain(old);
  return inTransaction(db, async (tx) => {
    await requireProjectStays(tx, target);
    const { id } = await startRequest(tx, deps, target, {
      source,
      ref: old.ref,
      ...(await commitOf(tx, target, old)),
      publish_product_id: again ? old.publish_product_id : null,
      publish_version: again ? old.publish_version : null,
      publish_activate: again && old.publish_activate,
      retry_of: old.id,
      created_by: userId,
    });
    return id;
  });
}

/**
 * The commit is built as it is known. Where no host key is pinned (the repository has moved) it is looked for again first:
 * only then is one pinned, and builds would trust anybody.
 */
async function commitOf(tx: Transaction<DB>, { organisationId, projectId }: Target, old: RequestRow) {
  const { commit_id, pushed_commit } = old;
  if (commit_id === null || !(await trustsAnybody(tx, organisationId, projectId))) return { commit_id, pushed_commit };
  return { commit_id: null, pushed_commit: await findSha(tx, organisationId, commit_id) };
}

/** Whether a retry of the request still has something to publish. */
export function publishesAgain({ publish_product_id, published_version_id }: RequestRow): boolean {
  return publish_product_id !== null && published_version_id === null;
}

/** The caller holds the project. A request whose commit is known goes on with its builds. */
async function startRequest(
  tx: Transaction<DB>,
  deps: Needs,
  { organisationId, projectId: project_id }: Target,
  row: Omit<NewRequest, 'id' | 'project_id'>,
): Promise<RequestRow> {
  const request = await insertRequest(tx, organisationId, { id: deps.ids.next(), project_id, ...row });
  await recordRequest(tx, deps, request, 'build_request.processing', row.created_by);
  if (row.commit_id !== null) await enqueueBuilds(tx, deps, request, row.commit_id, row.created_by);
  else {
    const task = {
      id: deps.ids.next(),
      project_id,
      kind: 'resolve',
      build_request_id: request.id,
      build_id: null,
    } as const;
    await insertTask(tx, organisationId, task);
    await setBuildState(tx, organisationId, project_id, 'updating_repository');
  }
  return request;
}

/** Ends the request; cancelling it again changes nothing. Whoever is at work on it is told at the next heartbeat. */
export function cancelRequest(db: Kysely<DB>, deps: Needs, target: Target, id: string, userId: string): Promise<void> {
  const { organisationId } = target;
  return inTransaction(db, async (tx) => {
    await requireProjectStays(tx, target);
    const request = await lockRequest(tx, organisationId, id);
    if (!request) throw fail('not_found', { field: 'build_request_id' });
    if (!mayCancel(request)) return;
    await endWaitingTasks(tx, organisationId, id);
    if (request.commit_id === null) await stopLooking(tx, target);
    else await failBuilds(tx, deps, request, request.commit_id, userId);
    await endRequest(tx, deps, request, { state: 'processed', result: 'cancelled' }, userId);
  });
}

/** The project is what it was before its repository was to be looked at. */
async function stopLooking(tx: Transaction<DB>, { organisationId, projectId }: Target): Promise<void> {
  const state = (await hasCommits(tx, organisationId, projectId)) ? 'updated' : 'new';
  await setBuildState(tx, organisationId, projectId, state);
}

/** Where all had ended and only the publication was left, the commit stays what it is. */
async function failBuilds(
  tx: Transaction<DB>,
  deps: Needs,
  request: RequestRow,
  commitId: string,
  userId: string,
): Promise<void> {
  const { organisation_id: organisationId } = request;
  const unfinished = (await lockBuilds(tx, organisationId, request.id)).filter(({ state }) => !hasEnded(state));
  if (unfinished.length === 0) return;
  for (const build of unfinished) {
    await setVerdict(tx, organisationId, build.id, CANCELLED);
    await recordBuild(tx, deps, build, 'build.build_failed', userId, { failure: CANCELLED.failure });
  }
  await setCommitState(tx, organisationId, commitId, 'failed');
  await recordCommit(tx, deps, request, commitId, 'failed', userId);
}

/** The project is not deleted before the transaction ends. */
async function requireProjectStays(tx: Transaction<DB>, { organisationId, projectId }: Target): Promise<void> {
  if (!(await holdProject(tx, organisationId, projectId))) throw fail('not_found', { field: 'project_id' });
}
