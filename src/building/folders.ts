import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GIT_CONFIG } from './git.ts';
import { RunnerError } from './problems.ts';
import { type Account, runProgram } from './spawned.ts';

/** What one task may write to, and nothing else. */
export interface TaskFolder {
  readonly path: string;
  readonly source: string;
  readonly home: string;
  readonly temp: string;
  readonly gitConfig: string;
  /** What was fetched; the runner's own. */
  readonly fetched: string;
}

export interface WorkFolder {
  readonly path: string;
  create(account: Account): Promise<TaskFolder>;
  remove(folder: TaskFolder): Promise<void>;
  /** With everything in it. */
  close(): Promise<void>;
}

/**
 * A folder of this process within the work folder. What runners that were killed left there is removed. Others can enter
 * it where builds run as accounts of their own, but not list it.
 */
export async function openWorkFolder(path: string, { asRoot }: { readonly asRoot: boolean }): Promise<WorkFolder> {
  const mode = asRoot ? 0o711 : 0o700;
  const root = resolve(path);
  await mkdir(root, { recursive: true, mode });
  const info = await lstat(root);
  // In a folder that everybody can write to, another may have been first.
  if (!info.isDirectory() || info.uid !== process.getuid?.())
    throw new RunnerError(`${root} does not belong to the user that the runner runs as: choose another --work-dir.`);
  await removeOrphans(root);
  const own = join(root, `runner-${process.pid}-${Date.now()}`);
  await mkdir(own, { mode });
  return {
    path: root,
    create: (account) => createTaskFolder(own, account),
    remove: ({ path }) => removeFolder(path),
    close: () => removeFolder(own),
  };
}

async function createTaskFolder(own: string, account: Account): Promise<TaskFolder> {
  const path = await mkdtemp(join(own, 'task-'));
  const inside = (name: string) => join(path, name);
  const [source, home, temp, fetched] = [inside('source'), inside('home'), inside('tmp'), inside('fetched')];
  const gitConfig = inside('gitconfig');
  for (const folder of [source, home, temp, fetched]) await mkdir(folder);
  await writeFile(gitConfig, GIT_CONFIG);
  // Whatever the umask: the account reads what the runner wrote, nobody else gets into the folder.
  for (const name of [fetched, gitConfig]) await chmod(name, 0o755);
  if (account) for (const name of [source, home, temp, path]) await chown(name, account.uid, account.gid);
  return { path, source, home, temp, gitConfig, fetched };
}

async function removeOrphans(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = Number(/^runner-(\d+)-\d+$/.exec(name)?.[1] ?? NaN);
    if (pid > 0 && pid !== process.pid && !runs(pid)) await removeFolder(join(root, name)).catch(() => undefined);
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Also where a build took its own rights to a folder away, as Go does with the modules that it fetched. */
async function removeFolder(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 };
  await rm(path, options).catch(async () => {
    await runProgram('chmod', ['-R', 'u+rwX', '--', path], { env: { PATH: '/usr/bin:/bin' }, timeoutMs: 600_000 });
    await rm(path, options);
  });
}
