import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from 'pino';

export interface Supervised {
  stop(): Promise<void>;
}

/** Runs `continuity worker` beside this process, so that checking a version never slows an answer; restarts it if it dies. */
export function superviseWorker(log: Logger): Supervised {
  const [, script = ''] = process.argv;
  let stopping = false;
  let child: ChildProcess;
  let ended: Promise<void>;
  const start = () => {
    child = fork(script, ['worker'], { execArgv: process.execArgv });
    ended = new Promise((resolve) => child.once('exit', () => resolve()));
    void ended.then(() => {
      if (stopping) return;
      log.error('the worker ended; starting another');
      setTimeout(start, 1000).unref();
    });
  };
  start();
  return {
    stop() {
      stopping = true;
      child.kill('SIGTERM');
      return ended;
    },
  };
}
