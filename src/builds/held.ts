import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { lockRequest, type RequestRow } from '../build_requests/queries.ts';
import { fail } from '../errors/fail.ts';
import { holdProject } from '../projects/runner_queries.ts';
import { findTask, type Lease, type LockedTask, lockTask, type TaskRow } from '../runner/queries.ts';
import { requireLease } from '../runner/rules.ts';

export interface Locked {
  readonly request: RequestRow;
  readonly task: LockedTask;
}

/** Locks project, build request and task, in this order, until the transaction ends; undefined where the task is gone. */
export async function lockWork(
  tx: Transaction<DB>,
  organisationId: string,
  taskId: string,
): Promise<Locked | undefined> {
  // What a task belongs to never changes.
  const found = await findTask(tx, organisationId, taskId);
  if (!found || !(await holdProject(tx, organisationId, found.project_id))) return undefined;
  const request = await lockRequest(tx, organisationId, found.build_request_id);
  const task = request && (await lockTask(tx, organisationId, taskId));
  return request && task && { request, task };
}

/** The same for a call of the runner that holds the lease; `conflict` for anybody else's. */
export async function holdLease(tx: Transaction<DB>, lease: Lease, taskId: string): Promise<Locked> {
  const locked = await lockWork(tx, lease.organisationId, taskId);
  if (!locked) throw fail('not_found', { field: 'task_id' });
  requireLease(locked.task, lease);
  return locked;
}

/** Locks the task of a build alone, for what changes nothing but the build. */
export async function holdTask(
  tx: Transaction<DB>,
  lease: Lease,
  taskId: string,
): Promise<TaskRow & { readonly build_id: string }> {
  const task = await lockTask(tx, lease.organisationId, taskId);
  if (!task) throw fail('not_found', { field: 'task_id' });
  requireLease(task, lease);
  const { build_id } = task;
  if (build_id === null) throw fail('conflict');
  return { ...task, build_id };
}
