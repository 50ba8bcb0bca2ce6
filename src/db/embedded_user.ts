import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The account that PostgreSQL runs as; undefined: our own. */
export type Account = { uid: number; gid: number } | undefined;

/** PostgreSQL refuses to run as root, so root lends it the account `postgres`, which is created when there is none. */
export async function serverAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return await lookUp();
  } catch {
    await run('groupadd', ['--system', 'postgres']).catch(() => undefined);
    await run('useradd', ['--system', '--no-create-home', '-g', 'postgres', 'postgres']).catch((cause) => {
      throw new Error(
        'PostgreSQL cannot run as root and the user "postgres" could not be created: run as another user.',
        {
          cause,
        },
      );
    });
    return lookUp();
  }
}

async function lookUp(): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** Rejects, naming the `remedy`, unless the account may enter every folder above `path`. */
export async function assertReachable(path: string, account: Account, remedy: string): Promise<void> {
  if (account === undefined) return;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new Error(`PostgreSQL runs as the user "postgres", which may not enter ${folder}: ${remedy}`);
    }
    if (folder === dirname(folder)) return;
  }
}
