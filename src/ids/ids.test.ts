import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { connect, type Database } from '../db/connect.ts';
import { silent } from '../db/log.ts';
import { codeOf } from '../db/sqlstate.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { createIds, LeaseExpired } from './ids.ts';
import { leaseWorkerId } from './lease.ts';

let clone: TestDatabase;
let database: Database;

beforeAll(async () => {
  clone = await createTestDatabase();
  database = connect({
    connectionString: clone.connectionString,
    max: 10,
    log: silent,
  });
});
afterAll(async () => {
  await database.close();
  await clone.drop();
});
beforeEach(async () => {
  await database.db.deleteFrom('worker_leases').execute();
});

/** Lets `seconds` pass for every lease. */
async function age(seconds: number): Promise<void> {
  await sql`update worker_leases set leased_until = leased_until - make_interval(secs => ${seconds})`.execute(
    database.db,
  );
}

test('leases taken at the same time differ, and so do their ids', async () => {
  const all = await Promise.all(Array.from({ length: 100 }, () => createIds(database.db)));
  const ids = all.flatMap((each) => Array.from({ length: 100 }, () => each.next()));
  expect(new Set(ids).size).toBe(10_000);
  expect(new Set(ids.map((id) => (BigInt(id) >> 12n) & 1023n)).size).toBe(100);
  await Promise.all(all.map((each) => each.close()));
});

test('an expired lease is taken over five seconds after its end, with later ids', async () => {
  const old = await createIds(database.db);
  const last = old.next();
  await sql`insert into worker_leases select n, gen_random_uuid(), 'infinity' from generate_series(0, 1023) n
    on conflict do nothing`.execute(database.db);
  await age(64);
  await expect(leaseWorkerId(database.db)).rejects.toThrow('all 1,024');
  await age(2);
  const next = await createIds(database.db);
  const first = next.next();
  const worker = (id: string) => (BigInt(id) >> 12n) & 1023n;
  expect(worker(first)).toBe(worker(last));
  expect(BigInt(first)).toBeGreaterThan(BigInt(last));
});

test('ids stop when the lease has expired unrenewed and go on when it was renewed', async () => {
  let monotonic = 1_000;
  const ids = await createIds(database.db, { monotonic: () => monotonic });
  monotonic += 59_999;
  const before = ids.next();
  monotonic += 1;
  expect(() => ids.next()).toThrow(LeaseExpired);
  expect(codeOf(new LeaseExpired())).toBe('unavailable');
  // The database's clock did not move, so it now stands a minute before the last id.
  await ids.renew();
  expect(() => ids.next()).toThrow('behind the last id');
  monotonic += 56_000;
  expect(BigInt(ids.next())).toBeGreaterThan(BigInt(before));
  await ids.close();
  expect(() => ids.next()).toThrow(LeaseExpired);
});

test('a lease that another process took over is replaced at the next renewal', async () => {
  const ids = await createIds(database.db);
  const before = ids.next();
  await sql`update worker_leases set holder = gen_random_uuid()`.execute(database.db);
  await ids.renew();
  expect((BigInt(ids.next()) >> 12n) & 1023n).not.toBe((BigInt(before) >> 12n) & 1023n);
});

test('time is the database’s', async () => {
  const lease = await leaseWorkerId(database.db);
  const { rows } = await sql<{
    now: Date;
  }>`select clock_timestamp() as now`.execute(database.db);
  expect(Math.abs(lease.now() - Number(rows[0]?.now))).toBeLessThan(1_000);
});
