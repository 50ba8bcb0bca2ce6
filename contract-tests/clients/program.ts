import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Scenario, ScenarioResult } from './client.ts';

export interface Command {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Exit codes that are no failure; 0 where left out. */
  readonly accept?: readonly number[];
}

/** Longer than the slowest compiler takes from nothing on two cores. */
const LONGEST = 20 * 60_000;

/** Runs it in the environment of this process, which tells package managers where their registries are. Throws its output when it fails. */
export async function run(command: string, args: readonly string[], { cwd, env, input, accept = [0] }: Command = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, timeout: LONGEST, killSignal: 'SIGKILL' });
  const ended = once(child, 'close');
  // A program that ends early closes the pipe; what it printed says why.
  child.stdin.on('error', () => undefined).end(input ?? '');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (!accept.includes(code)) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${out}\n${err}`);
  return { out, err };
}

/** Hands the scenario to a program on its standard input and reads the result from the last line of its output. */
export async function runProgram(
  command: string,
  args: readonly string[],
  scenario: Scenario,
  options: Omit<Command, 'input'> = {},
): Promise<ScenarioResult> {
  const { out } = await run(command, args, { ...options, input: JSON.stringify(scenario) });
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as ScenarioResult;
}
