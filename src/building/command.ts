import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { counted } from '../pages/counted.ts';
import { isAlive, killAccount } from './accounts.ts';
import type { TaskFolder } from './folders.ts';
import { openOutput, type Output } from './output.ts';
import type { Start } from './sandbox.ts';
import { type Account, killGroup, watchGroup } from './spawned.ts';

/** How a command ended. */
export type CommandEnd =
  { readonly exitCode: number } | { readonly failure: 'signal' | 'timeout' | 'sandbox'; readonly message: string };

export interface CommandOptions {
  readonly folder: TaskFolder;
  readonly account: Account;
  /** Nothing else runs as the account. */
  readonly ownAccount: boolean;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Both outputs, in the order in which they were written. */
  onOutput(bytes: Buffer): void;
}

/**
 * Runs a command; everything that it started is gone when this settles. Rejects with the reason of the signal when that
 * aborts, and with other errors where the command was not started, for no fault of its own.
 */
export async function runCommand(start: Start, options: CommandOptions): Promise<CommandEnd> {
  const { folder, account, ownAccount, timeoutSeconds, signal } = options;
  signal.throwIfAborted();
  const output = await openOutput(folder, account, options.onOutput);
  const child = await started(start, account, output);
  if (!child) return { failure: 'sandbox', message: 'The command and its environment are too long to be started.' };
  give(child, start.input);
  const ending = Promise.all([exitOf(child), start.tells ? sandboxStatus(child) : undefined]);
  let timedOut = false;
  const kill = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutSeconds * 1000);
  signal.addEventListener('abort', kill);
  // While the pipe was made.
  if (signal.aborted) kill();
  try {
    const [[ended, told]] = await Promise.all([ending, output.writer.close()]).finally(kill);
    if (told?.childPid !== undefined) await untilGone(told.childPid);
    if (ownAccount && account) await killAccount(account);
    await output.end();
    signal.throwIfAborted();
    if (timedOut) return { failure: 'timeout', message: `Killed after ${counted(timeoutSeconds, 'second')}.` };
    return endOf(ended, told);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
  }
}

/** undefined: what it is started with is too long for any machine. Some errors of spawn(2) come later, as events. */
async function started(start: Start, account: Account, output: Output): Promise<ChildProcess | undefined> {
  const { fd } = output.writer;
  const more = [...(start.input ? (['pipe'] as const) : []), ...(start.tells ? (['pipe'] as const) : [])];
  try {
    const child = spawn(start.file, start.args, {
      ...account,
      cwd: start.cwd,
      env: start.env,
      detached: true,
      stdio: ['ignore', fd, fd, ...more],
    });
    watchGroup(child);
    return child;
  } catch (error) {
    await output.writer.close();
    await output.end();
    if (error instanceof Error && 'code' in error && error.code === 'E2BIG') return undefined;
    throw error;
  }
}

/** What it is told by file descriptor 3. */
function give(child: ChildProcess, input: Buffer | undefined): void {
  const stream = child.stdio[3];
  if (input && stream && 'end' in stream) stream.on('error', () => undefined).end(input);
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', reject);
  });
}

interface SandboxStatus {
  readonly childPid: number | undefined;
  readonly exitCode: number | undefined;
}

function endOf({ code, signal }: Exit, told: SandboxStatus | undefined): CommandEnd {
  // Without its word bubblewrap's own exit code would pass for the command's.
  if (told) {
    if (told.exitCode !== undefined) return { exitCode: told.exitCode };
    throw new Error('The sandbox could not be set up, or was killed: see the end of the log of the build.');
  }
  if (code !== null) return { exitCode: code };
  return { failure: 'signal', message: `The command was killed by ${signal ?? 'a signal'}.` };
}

/** Reads the two lines that bubblewrap writes: the first process inside, and its exit code. */
async function sandboxStatus(child: ChildProcess): Promise<SandboxStatus> {
  const status = child.stdio[4];
  const told = status && 'read' in status ? await text(status).catch(() => '') : '';
  const number = (name: string) => {
    const digits = new RegExp(`"${name}": *(\\d+)`).exec(told)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  return { childPid: number('child-pid'), exitCode: number('exit-code') };
}

const LONGEST_DEATH_MS = 10_000;

/** The first process of a namespace ends after all others in it: then nothing can write to the folder any more. */
async function untilGone(pid: number): Promise<void> {
  const end = performance.now() + LONGEST_DEATH_MS;
  while ((await isAlive(pid)) && performance.now() < end) await pause(5);
}
