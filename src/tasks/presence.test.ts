import { EventEmitter } from 'node:events';
import type { Worker, WorkerEvents } from 'graphile-worker';
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
  await database.pool.query("select graphile_worker.add_job('any')");
  await database.pool.query(
    'update graphile_worker._private_jobs set locked_by = $1, locked_at = now() where locked_by is null',
    [worker],
  );
}
/** What the queue tells when one of its workers begins. */
function begin(workerId: string) {
  const events: EventEmitter & WorkerEvents = new EventEmitter();
  const presence = keepPresence(database.pool, events, silent);
  events.emit('worker:create', { worker: { workerId } as Worker, tasks: {}, ctx: {} as never });
  return presence;
}

it('frees the job of a worker that is gone, and leaves those of workers that live', async () => {
  await addJob('living');
  const living = begin('living');
  await expect.poll(async () => (await database.pool.query(PRESENT)).rowCount).toBe(1);
  await addJob('gone');
  const watching = begin('watching');
  await expect.poll(lockedBy).toEqual(['living', null]);
  await living.stop();
  await watching.stop();
  const later = begin('later');
  await expect.poll(lockedBy).toEqual([null, null]);
  await later.stop();
});
