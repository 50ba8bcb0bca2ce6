import { chmod, chown, lstat, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GIT_CONFIG } from './git.ts';
import { keepFresh, removeStale } from './orphans.ts';
import { messageOf, RunnerError } from './problems.ts';
import { removeFolder } from './remove_folder.ts';
import type { Account } from './spawned.ts';

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
  /** What cannot be removed is told: it is no matter of the task. */
  remove(folder: TaskFolder): Promise<void>;
  /** With everything in it. */
  close(): Promise<void>;
}

export interface WorkFolderOptions {
  readonly asRoot: boolean;
  readonly tell: (line: string) => void;
}

/**
 * A folder of this process within the work folder. What runners that were killed left there is removed. Others can enter
 * it where builds run as accounts of their own, but not list it.
 */
export async function openWorkFolder(path: string, { asRoot, tell }: WorkFolderOptions): Promise<WorkFolder> {
  const mode = asRoot ? 0o711 : 0o700;
  const root = resolve(path);
  await mkdir(root, { recursive: true, mode });
  const info = await lstat(root);
  // In a folder that everybody can write to, another may have been first.
  if (!info.isDirectory() || info.uid !== process.getuid?.())
    throw new RunnerError(`${root} does not belong to the user that the runner runs as: choose another --work-dir.`);
  const remove = (folder: string) =>
    removeFolder(folder).catch((error: unknown) => tell(`${folder} cannot be removed: ${messageOf(error)}`));
  await removeStale(root, remove);
  const own = join(root, `runner-${process.pid}-${Date.now()}`);
  await mkdir(own, { mode });
  const freshness = keepFresh(own, () => removeStale(root, remove));
  return {
    path: root,
    async create(account) {
      // A process that was stopped for long may find that another one swept it away.
      await mkdir(own, { recursive: true, mode });
      return createTaskFolder(own, account);
    },
    remove: (folder) => remove(folder.path),
    async close() {
      freshness.end();
      await remove(own);
    },
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
