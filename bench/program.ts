import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { atEnd } from './ending.ts';

export const execute = promisify(execFile);

export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

/** Starts a program whose output goes to a file. */
export function start(command: string, args: string[], log: string, env: Record<string, string> = {}): Program {
  const output = openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env } });
  closeSync(output);
  const ended = once(child, 'exit');
  if (child.pid === undefined) throw new Error(`${command} did not start`);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  atEnd(stop);
  return { pid: child.pid, child, stop };
}

/** Runs a script of this folder, not compiled beforehand. */
export function startScript(script: string, args: string[], log: string): Program {
  return start(process.execPath, ['--import', 'tsx', `bench/${script}`, ...args], log);
}

/** Waits for an answer with status 200; rejects when none comes within a minute. */
export async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(5)) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
  }
  throw new Error(`${url} does not answer`);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

/** Resident memory in bytes. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Seconds of CPU that a process has used, user and system, with those of its children that have ended. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // proc(5): utime, stime, cutime and cstime are fields 14 to 17, in ticks of 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** The process and all its descendants that run now. */
export async function family(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(children.trim().split(' ').filter(Boolean).map(Number).map(family));
  return [pid, ...below.flat()];
}
