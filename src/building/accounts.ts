import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { RunnerError } from './problems.ts';
import { type Account, runProgram } from './spawned.ts';

/** Accounts that builds run as where the runner is root: each has one for itself, and nothing else runs as it. */
export interface Accounts {
  take(): Account;
  give(account: Account): void;
  close(): void;
}

const TRIED = 1_000;

/** For a runner that is not root: builds run as itself. */
export const NO_ACCOUNTS: Accounts = { take: () => undefined, give: () => undefined, close: () => undefined };

/**
 * Takes `count` user ids from `first` on that no other runner of this machine has; they need no entry in /etc/passwd. What
 * a runner that was killed left running as them is killed.
 */
export async function openAccounts(first: number, count: number): Promise<Accounts> {
  const free: NonNullable<Account>[] = [];
  const locks: { close(): void }[] = [];
  const close = () => locks.forEach((lock) => lock.close());
  for (let uid = first; free.length < count; uid++) {
    if (uid >= first + TRIED) {
      close();
      throw new RunnerError(`The user ids from ${first} on are all taken by other runners: set --first-uid.`);
    }
    const lock = await lockUid(uid);
    if (!lock) continue;
    locks.push(lock);
    free.push({ uid, gid: uid });
    await killAccount({ uid, gid: uid });
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

/** An abstract socket: the kernel gives it to one process, and takes it back when that ends, however it ends. */
function lockUid(uid: number): Promise<{ close(): void } | undefined> {
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
