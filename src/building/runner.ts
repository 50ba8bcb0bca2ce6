import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Accounts, NO_ACCOUNTS, openAccounts } from './accounts.ts';
import { createApi } from './api.ts';
import { chooseSandbox } from './choose_sandbox.ts';
import { openWorkFolder } from './folders.ts';
import { PROTOCOLS } from './git.ts';
import { type RunnerContext, withPlace } from './runner_context.ts';
import type { Sandbox } from './sandbox.ts';
import { removeOldAgents } from './ssh_agent.ts';
import { workOn } from './tasks.ts';
import type { Kind } from './wire.ts';

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

/** Works until the signal aborts; rejects with a RunnerError where it cannot. */
export async function runRunner(options: RunnerOptions): Promise<void> {
  const { url, token, concurrency, signal, tell } = options;
  const isRoot = process.getuid?.() === 0;
  const workDir = options.workDir ?? join(tmpdir(), `continuity-runner-${process.getuid?.()}`);
  const work = await openWorkFolder(workDir, { asRoot: isRoot, tell });
  let accounts = NO_ACCOUNTS;
  try {
    await removeOldAgents();
    if (isRoot) accounts = await openAccounts(options.firstUid, concurrency + 1);
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
