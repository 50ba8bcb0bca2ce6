import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Accounts, NO_ACCOUNTS, openAccounts } from './accounts.ts';
import { createApi } from './api.ts';
import { performBuild } from './build_task.ts';
import { chooseSandbox } from './choose_sandbox.ts';
import { openWorkFolder } from './folders.ts';
import { PROTOCOLS } from './git.ts';
import { messageOf } from './problems.ts';
import { performResolve } from './resolve_task.ts';
import { type RunnerContext, withPlace } from './runner_context.ts';
import type { Sandbox } from './sandbox.ts';
import { type Kind, lease, type Task } from './wire.ts';

export interface RunnerOptions {
  readonly url: string;
  readonly token: string;
  /** Builds at once; a ref is resolved beside them. */
  readonly concurrency: number;
  readonly workDir?: string | undefined;
  /** Beside those of PROTOCOLS. */
  readonly allowProtocols?: readonly string[];
  /** Folders with tools that builds may read. */
  readonly read?: readonly string[];
  /** What no build may see. */
  readonly secret?: readonly string[];
  readonly firstUid?: number;
  readonly unsafe?: boolean;
  /** Aborts to stop: what runs is killed, and its lease runs out. */
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** Of the range that Debian's policy (9.2.2) leaves free. */
export const FIRST_UID = 62_000;

/** Works until the signal aborts; rejects with a RunnerError where it cannot. */
export async function runRunner(options: RunnerOptions): Promise<void> {
  const { url, token, concurrency, signal, tell } = options;
  const isRoot = process.getuid?.() === 0;
  const workDir = options.workDir ?? join(tmpdir(), `continuity-runner-${process.getuid?.()}`);
  const work = await openWorkFolder(workDir, { asRoot: isRoot });
  let accounts = NO_ACCOUNTS;
  try {
    if (isRoot) accounts = await openAccounts(options.firstUid ?? FIRST_UID, concurrency + 1);
    // One half that fails ends the other.
    const failing = new AbortController();
    const context: RunnerContext = {
      api: createApi({ url, token, onTrouble: tell }),
      work,
      accounts,
      sandbox: await choose(options, work, accounts),
      allowed: [...PROTOCOLS, ...(options.allowProtocols ?? [])],
      stopping: AbortSignal.any([signal, failing.signal]),
      tell,
    };
    tell(`waiting for work of ${url}; builds run in: ${WORDS[context.sandbox.kind]}`);
    const half = (kind: Kind, places: number) =>
      workOn(context, kind, places).catch((error: unknown) => {
        failing.abort();
        throw error;
      });
    const halves = await Promise.allSettled([half('build', concurrency), half('resolve', 1)]);
    for (const ended of halves) if (ended.status === 'rejected') throw ended.reason;
    tell('stopped');
  } finally {
    await work.close();
    accounts.close();
  }
}

const WORDS = {
  bubblewrap: 'bubblewrap',
  account: 'accounts of their own',
  none: 'NO SANDBOX: they see all that the runner sees',
} as const;

function choose(
  { read = [], secret = [], unsafe = false }: RunnerOptions,
  work: RunnerContext['work'],
  accounts: Accounts,
): Promise<Sandbox> {
  const wishes = { read, secret: [...secret, work.path], unsafe };
  return withPlace({ work, accounts }, (folder, account) => chooseSandbox(folder, account, wishes));
}

/** Leases and performs tasks of one kind, `places` at once. */
async function workOn(context: RunnerContext, kind: Kind, places: number): Promise<void> {
  const { api, stopping } = context;
  const busy = new Set<Promise<void>>();
  try {
    while (!stopping.aborted) {
      if (busy.size >= places) {
        await Promise.race(busy);
        continue;
      }
      const task = await lease(api, kind, stopping).catch((error: unknown) => {
        if (!stopping.aborted) throw error;
      });
      if (!task) continue;
      const work = perform(context, task).finally(() => busy.delete(work));
      busy.add(work);
    }
  } finally {
    await Promise.all(busy);
  }
}

async function perform(context: RunnerContext, task: Task): Promise<void> {
  const name = task.build ? `build ${task.build.id_str}` : `build request ${task.build_request_id_str}`;
  const what = task.build ? `${task.build.name} at ${task.commit}` : `resolving ${task.ref}`;
  context.tell(`${name}: ${what}`);
  try {
    const end = await (task.kind === 'build' ? performBuild(context, task) : performResolve(context, task));
    context.tell(`${name}: ${end}`);
  } catch (error) {
    // Without a report the lease runs out, and the server gives the task to another runner.
    context.tell(`${name}: given up: ${messageOf(error)}`);
  }
}
