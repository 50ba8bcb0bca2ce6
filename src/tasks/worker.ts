import { EventEmitter } from 'node:events';
import { Logger, parseCronItems, run } from 'graphile-worker';
import type pg from 'pg';
import { type VerifyVersion, verifyVersion, type WorkerDeps } from '../versions/tasks.ts';
import { keepPresence } from './presence.ts';
import { sweep } from './sweep.ts';

/**
 * Takes jobs from the queue in the database until stopped: verification of versions at once, sweeping every hour.
 * A job of a process that died is taken up again by another one. One that stops gives the jobs under way five seconds,
 * then breaks them off; they are repeated.
 */
export async function startWorker(deps: WorkerDeps, pool: pg.Pool): Promise<{ stop(): Promise<void> }> {
  const events = new EventEmitter();
  const presence = keepPresence(pool, events, deps.log);
  const runner = await run({
    pgPool: pool,
    events,
    concurrency: 2,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: new Logger(() => (level, message, meta) => {
      if (level === 'error' || level === 'warning') deps.log.warn({ meta }, message);
    }),
    taskList: {
      verify_version: (payload, { abortSignal }) => verifyVersion(deps, payload as VerifyVersion, abortSignal),
      sweep: (_payload, { abortSignal }) => sweep(deps, abortSignal),
    },
    parsedCronItems: parseCronItems([{ task: 'sweep', match: '17 * * * *', options: { backfillPeriod: 0 } }]),
  }).catch(async (error: unknown) => {
    await presence.stop();
    throw error;
  });
  return {
    async stop() {
      await runner.stop();
      await presence.stop();
    },
  };
}
