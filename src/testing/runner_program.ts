import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunnerOptions, runRunner } from '../building/runner.ts';

export interface RunningRunner {
  readonly workDir: string;
  readonly lines: readonly string[];
  /** Resolves with the first line that fits, once it is there. */
  told(pattern: RegExp): Promise<string>;
  /** Resolves when it has stopped; rejects with what it failed with. */
  stop(): Promise<void>;
  readonly ended: Promise<void>;
}

/** `continuity runner` in this process, with a work folder of its own. */
export async function startRunner(
  options: Pick<RunnerOptions, 'url' | 'token'> & Partial<RunnerOptions>,
): Promise<RunningRunner> {
  const stopping = new AbortController();
  const workDir = await mkdtemp(join(tmpdir(), 'continuity-work-'));
  await chmod(workDir, 0o711);
  const lines: string[] = [];
  const wakers = new Set<() => void>();
  const tell = (line: string) => {
    lines.push(line);
    for (const wake of wakers) wake();
  };
  const ended = runRunner({ concurrency: 1, workDir, signal: stopping.signal, tell, ...options }).finally(() =>
    rm(workDir, { recursive: true, force: true }),
  );
  ended.catch(() => undefined);
  return {
    workDir,
    lines,
    ended,
    told: (pattern) =>
      new Promise((resolve, reject) => {
        const wake = () => {
          const line = lines.find((one) => pattern.test(one));
          if (line === undefined) return;
          wakers.delete(wake);
          resolve(line);
        };
        wakers.add(wake);
        wake();
        ended.then(
          () => reject(new Error(`stopped without a line ${pattern}:\n${lines.join('\n')}`)),
          (error: unknown) => reject(error),
        );
      }),
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

export interface Gate {
  /** A command for bash that tells the gate its name, then waits until it is opened. */
  wait(name: string): string;
  /** Resolves when a command of that name waits. */
  reached(name: string): Promise<void>;
  /** Lets those go that wait, and those that come. */
  open(name: string): void;
  stop(): void;
}

/** Where commands of builds wait for the test: all that a sandbox leaves to both is the network. */
export async function openGate(): Promise<Gate> {
  const open = new Set<string>();
  const waiting = new Map<string, Socket[]>();
  const arrivals = new Set<() => void>();
  function arrive(name: string, socket: Socket): void {
    waiting.set(name, [...(waiting.get(name) ?? []), socket]);
    if (open.has(name)) socket.end('go\n');
    for (const look of arrivals) look();
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', (name) => arrive(String(name).trim(), socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    wait: (name) => `exec 9<>/dev/tcp/127.0.0.1/${port}; echo ${name} >&9; read -r _ <&9; exec 9<&-`,
    reached: (name) =>
      new Promise((resolve) => {
        const look = () => {
          if (!waiting.has(name)) return;
          arrivals.delete(look);
          resolve();
        };
        arrivals.add(look);
        look();
      }),
    open(name) {
      open.add(name);
      for (const socket of waiting.get(name) ?? []) socket.end('go\n');
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export interface Wire {
  readonly url: string;
  /** `deaf`: requests arrive, and their answers are lost. */
  cut(how: 'dead' | 'deaf'): void;
  mend(): void;
  /** Connections that failed since the cut. */
  readonly failures: number;
  stop(): void;
}

/** A connection to a server that can be cut. */
export async function openWire(url: string): Promise<Wire> {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let state: 'whole' | 'dead' | 'deaf' = 'whole';
  let failures = 0;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const end = () => {
      for (const socket of [near, far]) socket.destroy();
      sockets.delete(near);
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    const fail = () => {
      failures++;
      end();
    };
    if (state === 'dead') return fail();
    sockets.add(near);
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => (state === 'whole' ? near.write(bytes) : fail()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(how) {
      state = how;
      failures = 0;
      if (how === 'dead') for (const socket of sockets) socket.destroy();
    },
    mend() {
      state = 'whole';
    },
    get failures() {
      return failures;
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
