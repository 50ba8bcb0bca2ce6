import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SYSTEM_PATH } from './git.ts';
import { RunnerError } from './problems.ts';
import { type Account, runProgram } from './spawned.ts';

/** Accounts that builds run as where the runner is root: each has one for itself, and nothing else runs as it. */
export interface Accounts {
  take(): Account;
  give(account: Account): void;
  close(): void;
}

/**
 * What builds run as unless --first-uid says otherwise: systemd gives none of 1,879,048,192 to 2,147,352,575 away
 * (systemd.io/UIDS-GIDS), Debian's policy and useradd's subordinate ids end far below, and so does SSSD (2,000,200,000).
 */
export const FIRST_UID = 2_100_000_000;
const TRIED = 1_000;

/** For a runner that is not root: builds run as itself. */
export const NO_ACCOUNTS: Accounts = { take: () => undefined, give: () => undefined, close: () => undefined };

/**
 * Takes `count` user ids from `first` on that no other runner of this machine has, and nobody else. Of our own range, what
 * a runner that was killed left running as them is killed; elsewhere it may be somebody else's, and the id is left alone.
 */
export async function openAccounts(first: number = FIRST_UID, count: number): Promise<Accounts> {
  const free: NonNullable<Account>[] = [];
  const locks: Lock[] = [];
  const close = () => locks.forEach((lock) => lock.close());
  try {
    for (let uid = first; free.length < count; uid++) {
      if (uid >= first + TRIED)
        throw new RunnerError(`The user ids from ${first} on are all taken by other runners: set --first-uid.`);
      await requireMapped(uid);
      await requireNobodys(uid);
      const lock = await lockUid(uid);
      if (!lock) continue;
      locks.push(lock);
      const account = { uid, gid: uid };
      if (first === FIRST_UID) await killAccount(account);
      else if (await runsSomething(uid)) continue;
      free.push(account);
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    take() {
      const account = free.shift();
      if (!account) throw new Error('more tasks than accounts');
      return account;
    },
    give(account) {
      if (account) free.push(account);
    },
    close,
  };
}

/** In a container without ids of its own for all, most ids are nobody's at all. */
async function requireMapped(uid: number): Promise<void> {
  if (isMapped(await readFile('/proc/self/uid_map', 'utf8'), uid)) return;
  throw new RunnerError(`There is no user id ${uid} in this container: choose a --first-uid of /proc/self/uid_map.`);
}

/** Lines of the first id, what it is outside, and how many (user_namespaces(7)). */
export function isMapped(map: string, uid: number): boolean {
  return map.split('\n').some((line) => {
    const [first = NaN, , count = NaN] = line.trim().split(/\s+/).map(Number);
    return uid >= first && uid < first + count;
  });
}

/** An id that has a name is somebody's, whether /etc/passwd or a directory in the network knows the name. */
async function requireNobodys(uid: number): Promise<void> {
  for (const database of ['passwd', 'group']) {
    const { code, stdout } = await runProgram('getent', [database, String(uid)], { env: { PATH: SYSTEM_PATH } });
    const name = stdout.toString().split(':')[0];
    if (code === 0)
      throw new RunnerError(`The id ${uid} belongs to ${name} (${database}): choose another --first-uid.`);
    if (code !== NO_ENTRY)
      throw new RunnerError(`Whose the id ${uid} is cannot be found out: getent ended with ${code}.`);
  }
}

const NO_ENTRY = 2;

interface Lock {
  close(): void;
}

/** An abstract socket: the kernel gives it to one process, and takes it back when that ends, however it ends. */
function lockUid(uid: number): Promise<Lock | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0continuity-runner-uid-${uid}`, () => {
      server.unref();
      resolve({ close: () => server.close() });
    });
  });
}

const TRIES = 200;

/** Ends everything that runs as the account, whatever it forked. */
export async function killAccount(account: NonNullable<Account>): Promise<void> {
  for (let tries = 0; tries < TRIES && (await runsSomething(account.uid)); tries++) {
    // Nobody can fork away from one call that reaches all of them (kill(2), pid -1); the caller itself is left out.
    await runProgram('/bin/sh', ['-c', 'kill -9 -1'], { account, env: {} }).catch(() => undefined);
    if (tries > 0) await pause(10);
  }
}

async function runsSomething(uid: number): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const owner = await stat(`/proc/${name}`).catch(() => undefined);
    if (owner?.uid === uid && (await isAlive(Number(name)))) return true;
  }
  return false;
}

/** Whether a process is there and has not ended yet. */
export async function isAlive(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The state follows the name, which is in parentheses and may hold any character.
  const state = line?.slice(line.lastIndexOf(')') + 2, line.lastIndexOf(')') + 3);
  return state !== undefined && !['Z', 'X', 'x'].includes(state);
}
