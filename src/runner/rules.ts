import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import { parseId } from '../ids/parse.ts';

/** What a task is to the call that is made about it. */
interface Task {
  readonly state: string;
  readonly lease_id: string | null;
  readonly fence: string;
  readonly runner_id: string | null;
}

interface Claim {
  readonly runnerId: string;
  readonly leaseId: string;
  readonly fence: string;
}

/**
 * Throws `conflict` unless the call is made under the latest lease of the task, by its runner, and before the task ended.
 * That its time has run out does not matter as long as nobody took it away: the fence decides.
 */
export function requireLease(task: Task, { runnerId, leaseId, fence }: Claim): void {
  const own = task.runner_id === runnerId && task.lease_id === leaseId && task.fence === fence;
  if (task.state !== 'leased' || !own) throw fail('conflict');
}

/** The headers that name a lease; throws what is missing or can be none. */
export function readLease(headers: Readonly<Record<string, string | string[] | undefined>>): {
  leaseId: string;
  fence: string;
} {
  const { 'lease-id': leaseId = '', fence = '' } = headers;
  const failing: [string, ErrorCode | undefined][] = [
    ['Lease-Id', problemOf(leaseId, (text) => text.length <= 64)],
    ['Fence', problemOf(fence, (text) => parseId(text) !== undefined)],
  ];
  const errors: FieldErrors = {};
  for (const [field, code] of failing) if (code !== undefined) errors[field] = [code];
  if (Object.keys(errors).length > 0 || typeof leaseId !== 'string' || typeof fence !== 'string')
    throw failFields(errors);
  return { leaseId, fence };
}

function problemOf(value: string | string[], fits: (text: string) => boolean): ErrorCode | undefined {
  if (value === '') return 'is_blank';
  return typeof value === 'string' && fits(value) ? undefined : 'invalid_format';
}
