import type { Accounts } from './accounts.ts';
import type { Api } from './api.ts';
import type { TaskFolder, WorkFolder } from './folders.ts';
import type { Sandbox } from './sandbox.ts';
import type { Account } from './spawned.ts';

/** What the tasks of a runner share. */
export interface RunnerContext {
  readonly api: Api;
  readonly sandbox: Sandbox;
  readonly work: WorkFolder;
  readonly accounts: Accounts;
  /** Protocols that it fetches over. */
  readonly allowed: readonly string[];
  /** Aborts when the runner stops. */
  readonly stopping: AbortSignal;
  /** One line for people. */
  readonly tell: (line: string) => void;
}

/** A folder and an account for one task; both are given back when it ends. */
export async function withPlace<T>(
  { work, accounts }: Pick<RunnerContext, 'work' | 'accounts'>,
  use: (folder: TaskFolder, account: Account) => Promise<T>,
): Promise<T> {
  const account = accounts.take();
  try {
    const folder = await work.create(account);
    try {
      return await use(folder, account);
    } finally {
      await work.remove(folder);
    }
  } finally {
    accounts.give(account);
  }
}
