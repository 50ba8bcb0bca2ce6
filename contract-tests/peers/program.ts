import { spawn } from 'node:child_process';
import { type Environment, plainEnvironment } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';

/** A peer at work: what it says can be waited for, and answered. */
export interface Program {
  /** Resolves when its output matches; rejects when it ends before, or was never there. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  tell(line: string): void;
  /** Standard output and error, once it has ended. */
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

const LONGEST_RUN = 60_000;

export function startProgram(scene: Scene, command: string, args: string[], env: Environment): Program {
  const child = spawn(command, args, { env: plainEnvironment(env), timeout: LONGEST_RUN, killSignal: 'SIGKILL' });
  scene.onEnd(async () => child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once('close', (code) => resolve({ code, out, err }));
  });
  ended.catch(() => undefined);
  return {
    ended,
    tell: (line) => child.stdin.end(`${line}\n`),
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(out);
          if (match) resolve(match);
        };
        child.stdout.on('data', look);
        ended.then(() => reject(new Error(`${command} ended without ${pattern}: ${out} ${err}`)), reject);
        look();
      }),
  };
}
