import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readOutput } from './output.ts';
import { freePort } from './ports.ts';
import { type Environment, PROGRAM, plainEnvironment } from './run.ts';
import type { Scene } from './scene.ts';

export interface Server {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** What it was started with, for commands beside it. */
  readonly env: Environment;
  readonly pid: number;
  readonly readyMs: number;
  /** Standard output and standard error so far. */
  output(): string;
  /** Resolves when the output matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal and answers exit code and milliseconds. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>;
  /** kill -9 of the API and its children; PostgreSQL is a group of its own and stays. */
  killGroup(): Promise<void>;
  readonly exited: Promise<number | null>;
}

const LONGEST_START = 120_000;

export interface Options {
  dataDir?: string;
  env?: Environment;
  port?: number;
  /** Do not wait until it is ready. */
  rash?: boolean;
}

/** `continuity serve`, as the only thing that knows the port is free. */
export async function startServer(scene: Scene, options: Options = {}): Promise<Server> {
  const dataDir = options.dataDir ?? (await scene.folder());
  const port = options.port ?? (await freePort());
  const env: Environment = {
    DATA_DIR: dataDir,
    PORT: String(port),
    ADMIN_PORT: String(await freePort()),
    ...options.env,
  };
  const started = performance.now();
  // A group of its own, so that everything it started can be killed with it.
  const child = spawn(process.execPath, [PROGRAM, 'serve'], {
    env: plainEnvironment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = readOutput(child);
  const { exited } = output;
  scene.onEnd(async () => {
    await killGroup(child, exited);
    await killDatabase(dataDir);
  });
  const url = `http://127.0.0.1:${port}`;
  if (!options.rash) await untilReady(url, exited, output.text);
  return {
    url,
    port,
    dataDir,
    env,
    pid: child.pid ?? 0,
    readyMs: Math.round(performance.now() - started),
    output: output.text,
    exited,
    says: output.says,
    async stop(signal = 'SIGTERM') {
      const asked = performance.now();
      child.kill(signal);
      const code = await exited;
      return { code, ms: Math.round(performance.now() - asked) };
    },
    killGroup: () => killGroup(child, exited),
  };
}

async function untilReady(url: string, exited: Promise<number | null>, output: () => string): Promise<void> {
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + LONGEST_START; Date.now() < deadline; await pause(20)) {
    if (ended) break;
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
  }
  throw new Error(`the server did not start: ${output().slice(-2000)}`);
}

async function killGroup(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    return;
  }
  await exited;
  while (groupLives(child.pid)) await pause(5);
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The process id of the PostgreSQL that runs on the data directory. */
export async function databasePid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** kill -9 of PostgreSQL and the wait until its sessions are gone too. */
export async function killDatabase(dataDir: string): Promise<void> {
  const pid = await databasePid(dataDir);
  if (pid === undefined) return;
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await pause(5);
}
