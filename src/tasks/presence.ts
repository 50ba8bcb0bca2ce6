import type { EventEmitter } from 'node:events';
import type { WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import type { Log } from '../db/log.ts';

const INTERVAL = 5_000;

/** Each worker holds this lock on a connection of its process, so that the database knows at once when it is gone. */
const KEY = "hashtextextended('continuity worker ' || $1, 0)";

const ABANDONED = `
  select locked_by as id from graphile_worker._private_jobs where locked_by is not null
  union select locked_by from graphile_worker._private_job_queues where locked_by is not null`;

/**
 * Gives the jobs of killed workers back to the queue within seconds; left alone, it would wait four hours. A worker
 * that lost its connection may lose its job to another one as well: jobs come to the same end when run twice.
 */
export function keepPresence(pool: pg.Pool, events: EventEmitter & WorkerEvents, log: Log): { stop(): Promise<void> } {
  const own = new Set<string>();
  let client: pg.PoolClient | undefined;
  let locked = new Set<string>();

  events.on('worker:create', ({ worker }) => {
    own.add(worker.workerId);
    void tick();
  });
  events.on('worker:stop', ({ worker }) => own.delete(worker.workerId));

  async function connect(): Promise<pg.PoolClient> {
    const fresh = await pool.connect();
    fresh.once('error', () => drop(fresh));
    locked = new Set();
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
  const timer = setInterval(() => void tick(), INTERVAL);
  return {
    async stop() {
      clearInterval(timer);
      await running;
      if (client) drop(client);
    },
  };
}
