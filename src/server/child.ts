import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from 'pino';

export interface Supervised {
  /** Resolves when no child runs any more: one that does not end within `seconds` is killed. */
  stop(): Promise<void>;
}

/** Milliseconds before a child that ended is replaced. */
const PAUSE = 1000;

/**
 * Runs `continuity worker` beside this process, so that checking a version never slows an answer; restarts it if it
 * dies, unless it is being stopped. What a killed one was doing is taken up by the next, see `keepPresence`.
 */
export function superviseWorker(log: Logger, seconds = 10, script = process.argv[1] ?? ''): Supervised {
  let stopping = false;
  let child: ChildProcess;
  let ended: Promise<void>;
  let restart: NodeJS.Timeout | undefined;
  const start = () => {
    child = fork(script, ['worker'], { execArgv: process.execArgv });
    ended = untilEnded(child, log);
    void ended.then(() => {
      if (stopping) return;
      log.error('the worker ended; starting another');
      restart = setTimeout(start, PAUSE).unref();
    });
  };
  start();
  return {
    async stop() {
      stopping = true;
      clearTimeout(restart);
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
      await ended;
      clearTimeout(kill);
    },
  };
}

function untilEnded(child: ChildProcess, log: Logger): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.on('error', (err) => {
      log.error({ err }, 'the worker could not be started or reached');
      if (child.pid === undefined) resolve();
    });
  });
}
