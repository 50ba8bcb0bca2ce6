import { EventEmitter } from 'node:events';
import {
  Logger,
  type ParsedCronItem,
  parseCronItems,
  run,
  type Runner,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import type pg from 'pg';
import { foldDownloadDays } from '../analytics/tasks.ts';
import { type PublishBuildRequest, publishBuildRequest, requeueLapsed } from '../builds/tasks.ts';
import type { Deps } from '../deps.ts';
import { sendMail } from '../mail/queue.ts';
import { mailCode } from '../portal/tasks.ts';
import { mailPurchases } from '../purchases/tasks.ts';
import { type AnnounceVersion, mailAnnouncement, queueAnnouncement } from '../releases/tasks.ts';
import { mailPasswordReset } from '../users/password_reset.ts';
import { type VerifyVersion, verifyVersion, type WorkerDeps } from '../versions/tasks.ts';
import type { DeliveryKey } from '../webhooks/queries.ts';
import { createApplier, type ReplayLines, replayLines } from '../webhooks/tasks.ts';
import { keepPresence } from './presence.ts';
import type { Sealed } from './sealed.ts';
import { sweep } from './sweep.ts';

export type TaskDeps = WorkerDeps & Pick<Deps, 'config' | 'vault' | 'mailer'>;

/** Jobs that may take minutes: as long as the slowest disk takes to read a version. */
function longTasks(deps: TaskDeps) {
  return {
    verify_version: (payload, { abortSignal }) => verifyVersion(deps, payload as VerifyVersion, abortSignal),
    sweep: (_payload, { abortSignal }) => sweep(deps, abortSignal),
  } satisfies TaskList;
}

/** Jobs that somebody sits and waits for. */
export function mailTasks(deps: TaskDeps) {
  return {
    send_mail: (payload, { job }) => sendMail(deps, payload as Sealed, job),
    password_reset: (payload) => mailPasswordReset(deps, payload as Sealed),
    portal_code: (payload, { job }) => mailCode(deps, payload as Sealed, job),
    mail_purchases: (payload, { job }) => mailPurchases(deps, payload as Sealed, job),
    announce_version: (payload, { abortSignal }) => queueAnnouncement(deps, payload as AnnounceVersion, abortSignal),
    mail_announcement: (payload, { job }) => mailAnnouncement(deps, payload as Sealed, job),
  } satisfies TaskList;
}

/** What shops reported. */
export function webhookTasks(deps: TaskDeps) {
  const apply = createApplier(deps);
  return {
    apply_webhooks: (payload) => apply(payload as DeliveryKey[]),
    replay_lines: (payload) => replayLines(deps, payload as ReplayLines),
  } satisfies TaskList;
}

function shortTasks(deps: TaskDeps) {
  return {
    ...mailTasks(deps),
    publish_build_request: (payload) => publishBuildRequest(deps, payload as PublishBuildRequest),
    requeue_lapsed: (_payload, { abortSignal }) => requeueLapsed(deps, abortSignal),
    fold_download_days: (_payload, { abortSignal }) => foldDownloadDays(deps, abortSignal),
  } satisfies TaskList;
}

/**
 * Takes jobs from the queue in the database until stopped: verification of versions and mail at once, each in places of
 * its own, so that no message waits for a large version; sweeping every hour, counts of downloads every minute. A job of a
 * process that died is taken up again by another one. One that stops gives the jobs under way five seconds, then breaks
 * them off; they are repeated.
 */
export async function startWorker(deps: TaskDeps, pool: pg.Pool): Promise<{ stop(): Promise<void> }> {
  const events = new EventEmitter();
  const presence = keepPresence(pool, events, deps.log);
  const runners: Runner[] = [];
  const stop = async () => {
    await Promise.all(runners.map((runner) => runner.stop()));
    await presence.stop();
  };
  try {
    runners.push(await take(deps, pool, events, longTasks(deps), HOURLY));
    runners.push(await take(deps, pool, events, shortTasks(deps), EVERY_MINUTE));
    runners.push(await take(deps, pool, events, webhookTasks(deps), [], 8));
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

const HOURLY = parseCronItems([{ task: 'sweep', match: '17 * * * *', options: { backfillPeriod: 0 } }]);
const EVERY_MINUTE = parseCronItems([
  { task: 'fold_download_days', match: '* * * * *', options: { backfillPeriod: 0 } },
  { task: 'requeue_lapsed', match: '* * * * *', options: { backfillPeriod: 0 } },
]);

function take(
  { log }: TaskDeps,
  pool: pg.Pool,
  events: EventEmitter & WorkerEvents,
  taskList: TaskList,
  parsedCronItems: ParsedCronItem[],
  concurrency = 2,
): Promise<Runner> {
  return run({
    pgPool: pool,
    events,
    concurrency,
    noHandleSignals: true,
    // A plan that was made while the queue was empty sorts all of it for each job that is taken.
    noPreparedStatements: true,
    pollInterval: 2_000,
    logger: new Logger(() => (level, message, meta) => {
      if (level === 'error' || level === 'warning') log.warn({ meta }, message);
    }),
    taskList,
    parsedCronItems,
  });
}
