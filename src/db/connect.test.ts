import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { connect, type Database } from './connect.ts';
import { silent } from './log.ts';
import { migrateToLatest } from './migrate.ts';
import { codeOf } from './sqlstate.ts';
import { inTransaction } from './transaction.ts';

let clone: TestDatabase;
let database: Database;

beforeAll(async () => {
  clone = await createTestDatabase();
  database = connect({
    connectionString: clone.connectionString,
    max: 4,
    log: silent,
  });
});
afterAll(async () => {
  await database.close();
  await clone.drop();
});

test('kysely queries are prepared by name', async () => {
  await database.db.connection().execute(async (db) => {
    await db.selectFrom('organisations').select('id').where('id', '=', 'x').execute();
    const { rows } = await sql<{
      name: string;
    }>`select name from pg_prepared_statements where statement like '%organisations%' and ${1} = 1`.execute(db);
    expect(rows).toHaveLength(2);
  });
});

test('a changed table is noticed by a pooled connection', async () => {
  await database.db.connection().execute(async (db) => {
    await sql`create table shape (a int)`.execute(db);
    await sql`insert into shape values (${1})`.execute(db);
    const read = () => sql`select * from shape where a = ${1}`.execute(db);
    expect((await read()).rows).toEqual([{ a: 1 }]);
    await sql`alter table shape add b int`.execute(db);
    expect((await read()).rows).toEqual([{ a: 1, b: null }]);
  });
});

test('a lost connection is unavailable and the pool goes on', async () => {
  const error = await database.db
    .connection()
    .execute((db) => sql`select pg_terminate_backend(pg_backend_pid()) where ${1} = 1`.execute(db))
    .catch((reason: unknown) => reason);
  expect(codeOf(error)).toBe('unavailable');
  expect((await sql<{ n: number }>`select ${1}::int as n`.execute(database.db)).rows).toEqual([{ n: 1 }]);
});

test('inTransaction joins, rolls back, and repeats what failed to serialise', async () => {
  const { db } = database;
  const add = (id: string) => db.insertInto('organisations').values({ id, name: id });
  await expect(
    inTransaction(db, async (tx) => {
      await tx.insertInto('organisations').values({ id: 'gone', name: 'gone' }).execute();
      await inTransaction(tx, async (same) => expect(same).toBe(tx));
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await db.selectFrom('organisations').select('id').where('id', '=', 'gone').execute()).toEqual([]);
  await add('twice').execute();
  expect(
    codeOf(
      await add('twice')
        .execute()
        .catch((error: unknown) => error),
    ),
  ).toBe('already_exists');

  let attempts = 0;
  const fail = (tx: typeof db) => sql`do $$ begin raise serialization_failure; end $$`.execute(tx);
  const result = await inTransaction(db, async (tx) => {
    attempts += 1;
    if (attempts < 3) await fail(tx);
    return 'done';
  });
  expect([result, attempts]).toEqual(['done', 3]);
  attempts = 0;
  const always = inTransaction(db, async (tx) => {
    attempts += 1;
    return fail(tx);
  });
  expect(codeOf(await always.catch((error: unknown) => error))).toBe('conflict');
  expect(attempts).toBe(4);
});

test('migrating again, from several processes, does nothing; jobs can be added in a transaction', async () => {
  const others = [1, 2].map(() => connect({ connectionString: clone.connectionString, max: 3, log: silent }));
  expect(await Promise.all(others.map(migrateToLatest))).toEqual([[], []]);
  await Promise.all(others.map((other) => other.close()));
  await inTransaction(database.db, (tx) => sql`select graphile_worker.add_job(${'task'}, '{}'::json)`.execute(tx));
  const { rows } = await sql<{
    n: string;
  }>`select count(*) as n from graphile_worker.jobs`.execute(database.db);
  expect(rows).toEqual([{ n: '1' }]);
});
