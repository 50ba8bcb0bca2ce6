import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { loseTask } from '../builds/actions.ts';
import { codeOf } from '../db/sqlstate.ts';
import type { Deps } from '../deps.ts';
import type { Runner } from '../runners/runner.ts';
import { hangBell } from './bell.ts';
import { type Leased, leaseNext, type Look, type TaskKind } from './hot_queries.ts';
import { TASKS_CHANNEL } from './queries.ts';

type Needs = Pick<Deps, 'db' | 'hot' | 'ids' | 'notices' | 'log' | 'vault' | 'config'>;

/** A lease with the name that each call about it brings. */
export type NamedLease = Leased & { readonly leaseId: string };

/** Milliseconds after which one who waits looks, though nobody told that there is work. */
const LOOK = 5_000;

export interface Wish {
  readonly kinds: readonly TaskKind[];
  /** How long to wait for work where there is none. */
  readonly waitSeconds: number;
}

/**
 * Leases the next task of the runner's organisation; undefined where none came in time, the server is about to stop, or
 * `gone` says that the runner hung up: a task leased to nobody would count as lost.
 */
export async function leaseTask(
  deps: Needs,
  runner: Runner,
  { kinds, waitSeconds }: Wish,
  gone: AbortSignal,
): Promise<NamedLease | undefined> {
  if (waitSeconds === 0) return tryLease(deps, runner, kinds);
  const end = performance.now() + waitSeconds * 1000;
  // Listened to before the first look, so that nothing falls between.
  const bell = hangBell(deps.notices, TASKS_CHANNEL, runner.organisationId, gone);
  try {
    while (!gone.aborted) {
      const task = await tryLease(deps, runner, kinds);
      const left = end - performance.now();
      if (task || left <= 0 || deps.notices.closed.aborted) return task;
      await bell.rung(Math.min(left, LOOK));
    }
    return undefined;
  } finally {
    bell.stop();
  }
}

/** Tasks of lost runners are found on the way; where nothing else waits, one of them is what is leased. */
async function tryLease(deps: Needs, runner: Runner, kinds: readonly TaskKind[]): Promise<NamedLease | undefined> {
  const leaseId = randomBytes(16).toString('base64url');
  for (;;) {
    const { leased, lapsed } = await look(deps, runner, kinds, leaseId);
    if (leased) {
      // It is answered whatever becomes of the others: the sweeper comes by every minute.
      await requeue(deps, runner.organisationId, lapsed);
      return { ...leased, leaseId };
    }
    // One that cannot be taken away from its runner must not keep this one from waiting.
    if (!(await requeue(deps, runner.organisationId, lapsed))) return undefined;
  }
}

/** Whether any of them was taken away from its runner; the sweeper comes by every minute for the rest. */
async function requeue(deps: Needs, organisationId: string, lapsed: readonly string[]): Promise<boolean> {
  let any = false;
  for (const taskId of lapsed)
    try {
      await loseTask(deps.db, deps, organisationId, taskId);
      any = true;
    } catch (err) {
      deps.log.warn({ err, taskId }, 'a lapsed lease was left to the sweeper');
    }
  return any;
}

async function look(deps: Needs, runner: Runner, kinds: readonly TaskKind[], leaseId: string): Promise<Look> {
  for (;;) {
    try {
      return await leaseNext(deps.hot, runner, kinds, leaseId, deps.ids.next());
    } catch (error) {
      // The project was being deleted: a deadlock that PostgreSQL broke.
      if (codeOf(error) !== 'conflict') throw error;
      await pause(10);
    }
  }
}
