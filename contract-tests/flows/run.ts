import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export interface Ran {
  code: number | null;
  out: string;
  err: string;
  ms: number;
}

export type Environment = Record<string, string | undefined>;

/** The built program. */
export const PROGRAM = resolve(process.env.FLOWS_PROGRAM ?? 'dist/continuity.js');

/** The environment without what would configure the program. */
export function plainEnvironment(more: Environment = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return { PATH, HOME, LANG, TMPDIR, ...more };
}

export async function run(
  command: string,
  args: string[],
  { cwd, env = {}, limit = 180_000 }: { cwd?: string; env?: Environment; limit?: number } = {},
): Promise<Ran> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: plainEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const ms = Math.round(performance.now() - started);
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString(), ms };
}

export function continuity(args: string[], env: Environment, cwd?: string): Promise<Ran> {
  return run(process.execPath, [PROGRAM, ...args], { env, ...(cwd ? { cwd } : {}) });
}

export function bash(line: string, cwd: string, env: Environment = {}): Promise<Ran> {
  return run('bash', ['-c', line], { cwd, env });
}
