import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './embedded_binaries.ts';
import { linkLibraries } from './embedded_binaries.ts';
import type { Account } from './embedded_user.ts';

export const SUPERUSER = 'continuity';

/** The superuser's password, made on first use and kept in `postgres.password` (0600) in the data directory. */
export async function password(dataDir: string): Promise<string> {
  const file = join(dataDir, 'postgres.password');
  const found = await readFile(file, 'utf8').catch(() => '');
  if (found !== '') return found;
  const draft = temporary(file);
  await writeFile(draft, randomBytes(32).toString('base64url'), {
    mode: 0o600,
    flush: true,
  });
  // link refuses to replace, so of two processes that start together one wins and both read its password.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(draft);
  return readFile(file, 'utf8');
}

/**
 * Creates the cluster `<dataDir>/postgres` unless it is there. It is built beside and renamed when complete, so
 * neither a crash nor a second process ever sees half of one.
 */
export async function createCluster(dataDir: string, binaries: Binaries, account: Account): Promise<void> {
  const cluster = join(dataDir, 'postgres');
  if (await exists(join(cluster, 'PG_VERSION'))) return;
  await linkLibraries(binaries);
  const draft = temporary(cluster);
  const passwordFile = temporary(join(dataDir, 'initdb'));
  try {
    await mkdir(draft, { mode: 0o700 });
    await writeFile(passwordFile, await password(dataDir), { mode: 0o600 });
    if (account !== undefined) {
      await chown(draft, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    // initdb runs `postgres`; both come without the executable bit from some package managers.
    for (const program of [binaries.initdb, binaries.postgres, binaries.pg_ctl]) {
      if (((await stat(program)).mode & 0o111) !== 0o111) await chmod(program, 0o755);
    }
    const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${SUPERUSER}`];
    // The password is 256 random bits, so stretching it would only slow every connection down.
    await promisify(execFile)(
      binaries.initdb,
      [...flags, '--set=scram_iterations=1', `--pgdata=${draft}`, `--pwfile=${passwordFile}`],
      { ...account, cwd: draft, env: { ...process.env, LC_ALL: 'C' } },
    );
    await rename(draft, cluster).catch(async (error) => {
      if (!(await exists(join(cluster, 'PG_VERSION')))) throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

function temporary(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`;
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
