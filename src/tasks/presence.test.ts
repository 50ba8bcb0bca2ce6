import { EventEmitter } from 'node:events';
import { type Job, run, type WorkerEvents, type WorkerPool } from 'graphile-worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type Database } from '../db/connect.ts';
import { silent } from '../db/log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { keepPresence } from './presence.ts';

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  database = connect({ connectionString: test.connectionString, max: 8, log: silent });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

const PRESENT = `select from pg_locks where locktype = 'advisory'
  and database = (select oid from pg_database where datname = current_database())`;
const lockedBy = async () => {
  const { rows } = await database.pool.query<{ by: string | null }>(
    'select locked_by as by from graphile_worker._private_jobs order by id',
  );
  return rows.map(({ by }) => by);
};
async function addJob(worker: string): Promise<void> {
  const { rows } = await database.pool.query<{ id: string }>("select id from graphile_worker.add_job('any')");
  await database.pool.query(
    "update graphile_worker._private_jobs set locked_by = $1, locked_at = now() - interval '10 seconds' where id = $2",
    [worker, rows[0]?.id],
  );
}
/** What the queue tells when one of its pools of workers begins. */
function begin(poolId: string) {
  const events: EventEmitter & WorkerEvents = new EventEmitter();
  const presence = keepPresence(database.pool, events, silent);
  events.emit('pool:create', { workerPool: { id: poolId } as WorkerPool, ctx: {} as never });
  return { ...presence, start: (id: string) => events.emit('job:start', { job: { id } as Job } as never) };
}

const WAIT = { timeout: 15_000 };

it('frees the job of a worker that is gone, and leaves those of workers that live', async () => {
  await addJob('living');
  const living = begin('living');
  await expect.poll(async () => (await database.pool.query(PRESENT)).rowCount).toBe(1);
  await addJob('gone');
  const watching = begin('watching');
  await expect.poll(lockedBy, WAIT).toEqual(['living', null]);
  await living.stop();
  await watching.stop();
  const later = begin('later');
  await expect.poll(lockedBy, WAIT).toEqual([null, null]);
  await later.stop();
});

it('knows the workers of the queue itself, however long they take', async () => {
  await database.pool.query('delete from graphile_worker._private_jobs');
  let runs = 0;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const events: EventEmitter & WorkerEvents = new EventEmitter();
  const presence = keepPresence(database.pool, events, silent);
  const runner = await run({
    pgPool: database.pool,
    events,
    noHandleSignals: true,
    concurrency: 2,
    taskList: { slow: () => ((runs += 1), finished) },
  });
  await database.pool.query("select graphile_worker.add_job('slow')");
  await addJob('dead');
  await expect.poll(lockedBy, WAIT).toContainEqual(expect.stringMatching(/^pool-/));
  await database.pool.query("update graphile_worker._private_jobs set locked_at = now() - interval '1 minute'");
  // Whatever frees that one has looked at the slow one too.
  await expect.poll(async () => (await lockedBy()).includes('dead'), WAIT).toBe(false);
  await presence.stop();
  expect(await lockedBy()).toContainEqual(expect.stringMatching(/^pool-/));
  finish();
  await runner.stop();
  expect(runs).toBe(1);
});

it('frees a job that was handed out over a connection that broke', async () => {
  await database.pool.query('delete from graphile_worker._private_jobs');
  await addJob('own');
  await addJob('own');
  await database.pool.query("update graphile_worker._private_jobs set locked_at = now() - interval '1 minute'");
  const { rows } = await database.pool.query<{ id: string }>(
    'select id from graphile_worker._private_jobs order by id',
  );
  const own = begin('own');
  own.start(rows[0]?.id ?? '');
  await expect.poll(lockedBy, WAIT).toEqual(['own', null]);
  await own.stop();
});
