import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type Environment, plainEnvironment } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';

export interface Result {
  /** The exit status; undefined when the time was up. */
  code: number | undefined;
  /** Whether the shell has ended with it: every later block would say nothing. */
  ended: boolean;
  out: string;
  err: string;
}

/** A bash that lives as long as the guide, as the reader's does. */
export interface Shell {
  /** Runs a line; any command's status other than 0 ends the shell unless it is `tolerated`. */
  run(line: string, tolerated: boolean): Promise<Result>;
}

const LONGEST_BLOCK = 180_000;

/** Starts it in `cwd`; at the scene's end it is killed with everything that it started. */
export function startShell(scene: Scene, cwd: string, env: Environment): Shell {
  // A group of its own, for the programs left running in the background; the fourth pipe tells exit statuses.
  const child = spawn('bash', ['--noprofile', '--norc'], {
    cwd,
    env: plainEnvironment(env),
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
  });
  const { pid = 0 } = child;
  const stdin = child.stdio[0] as Writable;
  const statuses = child.stdio[3] as Readable;
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  scene.onEnd(async () => {
    stop(pid);
    await ended;
  });
  stdin.on('error', () => undefined);
  stdin.write('set -eu\n');
  let count = 0;
  return {
    async run(line, tolerated) {
      const [out, err] = ['out', 'err'].map((name) => join(cwd, '.blocks', `${count}.${name}`)) as [string, string];
      count++;
      const block = `{ ${line}; } </dev/null >'${out}' 2>'${err}'`;
      const tell = `printf '%s\\n' "$?" >&3`;
      // `set -e` does not hold within the condition of an `if`.
      stdin.write(tolerated ? `if ${block}; then ${tell}; else ${tell}; fi\n` : `${block}; ${tell}\n`);
      const code = await Promise.race([nextStatus(statuses), ended, timeUp(LONGEST_BLOCK)]);
      if (code === undefined) stop(pid);
      const [outText, errText] = await Promise.all([out, err].map((file) => readFile(file, 'utf8').catch(() => '')));
      return { code, ended: child.exitCode !== null, out: outText ?? '', err: errText ?? '' };
    },
  };
}

function nextStatus(statuses: Readable): Promise<number> {
  return new Promise((resolve) => statuses.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))));
}

function timeUp(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}

function stop(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended, and left nothing running.
  }
}
