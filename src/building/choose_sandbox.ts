import { realpath, stat } from 'node:fs/promises';
import { requireSpace } from './disk.ts';
import type { TaskFolder } from './folders.ts';
import { SYSTEM_PATH } from './git.ts';
import { messageOf, RunnerError } from './problems.ts';
import {
  bubblewrapArgs,
  type Hidden,
  isWithin,
  type Sandbox,
  type SandboxKind,
  SHELL,
  SYSTEM,
  withoutPrivileges,
} from './sandbox.ts';
import { type Account, runProgram } from './spawned.ts';

export interface SandboxWishes {
  readonly read: readonly string[];
  /** Paths that no build may see; those that do not exist do not matter. */
  readonly secret: readonly string[];
  readonly unsafe: boolean;
}

/** Chooses the best sandbox that works on this machine; rejects with a RunnerError where there is none. */
export async function chooseSandbox(
  folder: TaskFolder,
  account: Account,
  { read, secret, unsafe }: SandboxWishes,
): Promise<Sandbox> {
  await requireReachable(folder, account);
  const shownRead = await Promise.all(read.map((path) => realpath(path)));
  const all = await existing(secret);
  const roots = [...SYSTEM, ...shownRead];
  const hidden = all.filter(({ path }) => roots.some((root) => isWithin(path, root)));
  const open = shownRead.find((path) => path === '/' || all.some((one) => isWithin(path, one.path)));
  if (open !== undefined) throw new RunnerError(`--read ${open} would show builds what they must not see.`);
  const kinds: readonly SandboxKind[] = account ? ['bubblewrap', 'account'] : ['bubblewrap'];
  const reasons: string[] = [];
  for (const kind of kinds) {
    const sandbox = { kind, read: shownRead, hidden };
    const problem = await problemWith(sandbox, folder, account, all);
    if (problem === undefined) return sandbox;
    reasons.push(`${kind}: ${problem}`);
  }
  if (unsafe) return { kind: 'none', read: shownRead, hidden };
  throw new RunnerError(
    `Builds cannot be kept from this machine (${reasons.join('; ')}). Install bubblewrap, or start the runner as root. ` +
      'With --unsafe builds run as the user that the runner runs as, and see all that it sees.',
  );
}

/** Rejects where no build could be started in the sandbox that was chosen, or there is no room for it. */
export async function requireWorking(sandbox: Sandbox, folder: TaskFolder, account: Account): Promise<void> {
  await requireSpace(folder.path);
  const problem = sandbox.kind === 'none' ? undefined : await problemWith(sandbox, folder, account, []);
  if (problem !== undefined) throw new Error(problem);
}

async function requireReachable({ source }: TaskFolder, account: Account): Promise<void> {
  const { code } = await runProgram(SHELL, ['-c', 'cd "$1"', 'sh', source], { account, env: {} });
  if (code === 0) return;
  throw new RunnerError(`Builds run as other users, who cannot enter ${source}: choose another --work-dir.`);
}

async function problemWith(
  sandbox: Sandbox,
  folder: TaskFolder,
  account: Account,
  secret: readonly Hidden[],
): Promise<string | undefined> {
  try {
    const env = { PATH: SYSTEM_PATH };
    const { file, args, cwd } =
      sandbox.kind === 'bubblewrap'
        ? { file: 'bwrap', args: [...bubblewrapArgs(sandbox, folder), '--', SHELL, '-c', ':'], cwd: '/' }
        : { ...withoutPrivileges([SHELL, '-c', ':']), cwd: folder.source };
    const { code, stderr } = await runProgram(file, args, { account, cwd, env, timeoutMs: 20_000 });
    if (code !== 0) return stderr.trim() || `exit code ${code}`;
    if (sandbox.kind !== 'account') return undefined;
    return await readableSecret(secret, account);
  } catch (error) {
    return messageOf(error);
  }
}

/** An account is kept from a file by the file's own rights alone. */
async function readableSecret(secret: readonly Hidden[], account: Account): Promise<string | undefined> {
  for (const { path } of secret) {
    const { code } = await runProgram('/bin/sh', ['-c', 'test -r "$1"', 'sh', path], { account, env: {} });
    if (code === 0) return `other users can read ${path}`;
  }
  return undefined;
}

async function existing(paths: readonly string[]): Promise<Hidden[]> {
  const found: Hidden[] = [];
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined) found.push({ path: real, isFolder: (await stat(real)).isDirectory() });
  }
  return found;
}
