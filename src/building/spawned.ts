import { type ChildProcess, spawn } from 'node:child_process';

/** Who a program runs as; undefined: as the runner itself. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

export interface ProgramOptions {
  readonly account?: Account;
  readonly cwd?: string;
  /** All that it sees of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** For its standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** It ran longer than it may. */
export class TimedOut extends Error {}

const MOST_OUTPUT = 1024 * 1024;
const LONGEST_MS = 60_000;
const groups = new Set<number>();

/** Starts counting a process group, so that it does not outlive the runner. */
export function watchGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  groups.add(pid);
  child.once('exit', () => groups.delete(pid));
}

export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // There is nobody left in it.
  }
}

/** For a runner that must go at once. */
export function killAllGroups(): void {
  for (const pid of groups) killGroup(pid);
}

/** Runs a program in a process group of its own and collects what it prints; the group is gone when this settles. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<Ended> {
  const { account, cwd, env, input, signal, timeoutMs = LONGEST_MS } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const child = spawn(file, args, { ...account, cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    watchGroup(child);
    const kill = () => killGroup(child.pid);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    signal?.addEventListener('abort', kill);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
    };
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    // A program that ends without reading is no failure of ours.
    child.stdin.on('error', () => undefined).end(input);
    child.once('exit', kill);
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code) => {
      done();
      if (signal?.aborted) reject(signal.reason);
      else if (timedOut) reject(new TimedOut(`${file} took longer than ${timeoutMs / 1000} seconds.`));
      else resolve({ code, stdout: stdout(), stderr: stderr().toString() });
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < MOST_OUTPUT) chunks.push(chunk.subarray(0, MOST_OUTPUT - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks);
}
