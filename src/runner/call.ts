import type { IncomingHttpHeaders } from 'node:http';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import type { Runner } from '../runners/runner.ts';
import { findTask, type Lease, renewLease } from './queries.ts';
import { readLease } from './rules.ts';

interface Call {
  readonly principal: Runner;
  readonly path: { readonly task_id: string };
  readonly koa: { readonly req: { readonly headers: IncomingHttpHeaders } };
}

/** The task that a call is about, and the lease under which it is made. */
export function leaseOf({ principal, path, koa }: Call): { lease: Lease; taskId: string } {
  const { organisationId, runnerId } = principal;
  const lease = { organisationId, runnerId, ...readLease(koa.req.headers) };
  const taskId = parseId(path.task_id);
  if (taskId === undefined) throw fail('not_found', { field: 'task_id' });
  return { lease, taskId };
}

/** Keeps the lease, unless it is over (`conflict`). */
export async function heartbeat(
  db: Kysely<DB>,
  lease: Lease,
  taskId: string,
): Promise<{ leased_until: Date; cancelled: boolean }> {
  const renewed = await renewLease(db, lease, taskId);
  if (renewed) return renewed;
  if (await findTask(db, lease.organisationId, taskId)) throw fail('conflict');
  throw fail('not_found', { field: 'task_id' });
}
