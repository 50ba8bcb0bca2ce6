import type { EventEmitter } from 'node:events';
import type { WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { Log } from '../db/log.ts';

const INTERVAL = 1_500;

/** Jobs are looked at once in so many intervals: the queue may be long. */
const BEATS = 3;

/** The jobs are locked by pools of workers. Each holds this lock, so that the database knows at once when it is gone. */
const KEY = "hashtextextended('continuity worker ' || $1, 0)";

/** A pool takes its first job at once, and its lock a moment later. */
const LONG_AGO = `locked_at < now() - interval '3 seconds'`;

const ABANDONED = `
  select locked_by as id from graphile_worker._private_jobs where ${LONG_AGO}
  union select locked_by from graphile_worker._private_job_queues where ${LONG_AGO}`;

/** Locked by a pool that knows nothing of it: the connection broke after the database had handed the job out. */
const FORGOTTEN = `
  update graphile_worker._private_jobs set locked_by = null, locked_at = null
  where locked_by = any($1) and locked_at < now() - interval '30 seconds' and id <> all ($2)`;

/** Milliseconds in which a job that is done is taken out of the queue. */
const GRACE = 30_000;

/**
 * Gives the jobs of killed workers back to the queue within seconds; left alone, it would wait four hours. Nobody's job is
 * taken in the first beats of a connection: after an outage of the database others must find the time to lock again.
 */
export function keepPresence(pool: pg.Pool, events: EventEmitter & WorkerEvents, log: Log): { stop(): Promise<void> } {
  const own = new Set<string>();
  const known = new Set<string>();
  let client: pg.PoolClient | undefined;
  let locked = new Set<string>();
  let beats = 0;

  events.on('pool:create', ({ workerPool }) => {
    own.add(workerPool.id);
    void tick();
  });
  events.on('pool:release', ({ workerPool }) => own.delete(workerPool.id));
  events.on('job:start', ({ job }) => known.add(job.id));
  events.on('job:complete', ({ job }) => setTimeout(() => known.delete(job.id), GRACE).unref());

  async function connect(): Promise<pg.PoolClient> {
    const fresh = await pool.connect();
    fresh.once('error', () => drop(fresh));
    locked = new Set();
    beats = 0;
    client = fresh;
    return fresh;
  }

  function drop(broken: pg.PoolClient): void {
    if (client !== broken) return;
    client = undefined;
    broken.release(true);
  }

  async function look(): Promise<void> {
    const held = client ?? (await connect());
    try {
      for (const id of own) {
        if (locked.has(id)) continue;
        await held.query(`select pg_advisory_lock(${KEY})`, [id]);
        locked.add(id);
      }
      if (beats % BEATS !== BEATS - 1) return;
      await held.query(FORGOTTEN, [[...own], [...known]]);
      const { rows } = await held.query<{ id: string }>(ABANDONED);
      for (const { id } of rows) if (!own.has(id)) await free(held, id);
    } catch (error) {
      drop(held);
      throw error;
    }
  }

  async function free(held: pg.PoolClient, id: string): Promise<void> {
    const { rows } = await held.query<{ got: boolean }>(`select pg_try_advisory_lock(${KEY}) as got`, [id]);
    if (!rows[0]?.got) return;
    await held.query('select graphile_worker.force_unlock_workers(array[$1])', [id]);
    await held.query(`select pg_advisory_unlock(${KEY})`, [id]);
    log.warn({ worker: id }, 'a worker was killed; its jobs are free again');
  }

  let running = Promise.resolve();
  const tick = () => {
    running = running.then(look).catch((err: unknown) => log.warn({ err }, 'looking for killed workers failed'));
    return running;
  };
  const timer = setInterval(() => {
    beats += 1;
    void tick();
  }, INTERVAL);
  return {
    async stop() {
      clearInterval(timer);
      await running;
      if (client) drop(client);
    },
  };
}
