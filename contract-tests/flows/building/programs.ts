import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { type Output, readOutput } from '../output.ts';
import { PROGRAM, plainEnvironment } from '../run.ts';
import type { Scene } from '../scene.ts';
import type { Server } from '../server.ts';

export interface Program extends Output {
  /** Sends it the signal; resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function watch(scene: Scene, file: string, args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = readOutput(child);
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return output.exited;
  };
  scene.onEnd(async () => {
    // A runner then ends what it has started.
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    if (child.exitCode === null && child.signalCode === null) await end('SIGTERM');
    clearTimeout(hard);
  });
  return { ...output, end };
}

export interface RunnerOptions {
  readonly token: string;
  /** Where it keeps what it works on; several may share it. */
  readonly folder: string;
  readonly args?: readonly string[];
}

/** `continuity runner`, once it waits for work. */
export async function startRunner(
  scene: Scene,
  { url, dataDir }: Pick<Server, 'url' | 'dataDir'>,
  { token, folder, args = [] }: RunnerOptions,
): Promise<Program> {
  const env = { CONTINUITY_URL: url, CONTINUITY_RUNNER_TOKEN: token, DATA_DIR: dataDir, TMPDIR: folder };
  const runner = watch(scene, process.execPath, [PROGRAM, 'runner', ...args], plainEnvironment(env));
  await runner.says(/waiting for work/);
  return runner;
}

/** `curl -N`: prints a stream as it comes, and nothing else; its exit code tells the rest. */
export function follow(scene: Scene, url: string, key: string): Program {
  return watch(scene, 'curl', ['-sfN', '-H', `Authorization: Bearer ${key}`, url], plainEnvironment());
}

/** Whether a process with this word in its command line runs on this machine. */
export async function somethingRuns(word: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(word)) return true;
  }
  return false;
}
