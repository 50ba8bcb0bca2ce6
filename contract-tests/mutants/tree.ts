import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Mutant } from './mutants.ts';

/** A copy of the tree that may be broken: the one the user works in is never touched. */
export interface Tree {
  readonly folder: string;
  /** Applies the fault and answers how to take it back. Rejects when its text is not there exactly once. */
  apply(mutant: Mutant): Promise<() => Promise<void>>;
  remove(): Promise<void>;
}

export async function copyTree(): Promise<Tree> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-mutants-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { encoding: 'utf8' }).split('\0');
  for (const file of files.filter(Boolean)) {
    const target = join(folder, file);
    await mkdir(dirname(target), { recursive: true });
    await cp(file, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    async apply({ file, find, replace }) {
      const path = join(folder, file);
      const source = await readFile(path, 'utf8');
      const parts = source.split(find);
      if (parts.length !== 2)
        throw new Error(`${file} holds ${JSON.stringify(find)} ${parts.length - 1} times, not once`);
      await writeFile(path, parts.join(replace));
      return () => writeFile(path, source);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
