import { type AddressInfo, connect, createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { createHot, type Hot, type HotOptions } from './hot.ts';
import { silent } from './log.ts';
import { codeOf } from './sqlstate.ts';

let database: TestDatabase;
let admin: pg.Client;
const open: Hot[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.connectionString });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all(open.map((hot) => hot.close()));
  await admin.end();
  await database.drop();
});

function hotOf(options: Partial<HotOptions> = {}): Hot {
  const hot = createHot({
    connectionString: database.connectionString,
    statementTimeout: 5_000,
    log: silent,
    ...options,
  });
  open.push(hot);
  return hot;
}

const echo = { name: 'echo', text: 'select $1::int8 as n' };

test('an error in one statement leaves its neighbours alone', async () => {
  const hot = hotOf({ readers: 1 });
  const inverse = { name: 'inverse', text: 'select 100 / $1::int as n' };
  const values = Array.from({ length: 200 }, (_, index) => index % 10);
  const results = await Promise.allSettled(values.map((value) => hot.query<{ n: number }>(inverse, [value])));
  results.forEach((result, index) => {
    const value = values[index] ?? 0;
    if (value === 0)
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: '22012' },
      });
    else
      expect(result).toMatchObject({
        status: 'fulfilled',
        value: [{ n: Math.trunc(100 / value) }],
      });
  });
});

test('a value that cannot be written is refused and later uses of the statement work', async () => {
  const hot = hotOf({ readers: 1 });
  const json = { name: 'json', text: 'select $1::jsonb as value' };
  await expect(hot.query(json, [{ n: 1n }])).rejects.toThrow(TypeError);
  expect(await hot.query(json, [{ n: 1 }])).toEqual([{ value: { n: 1 } }]);
});

test('types: int8 and ranges are text, timestamps dates, bytea buffers', async () => {
  const text = `select 9007199254740993::int8 as big, '{[1,5)}'::int8multirange as ranges, timestamptz '2026-11-21Z' as at,
    '\\x00ff'::bytea as bytes where $1`;
  const [row] = await hotOf().query({ name: 'types', text }, [true]);
  expect(row).toEqual({
    big: '9007199254740993',
    ranges: '{[1,5)}',
    at: new Date('2026-11-21T00:00:00Z'),
    bytes: Buffer.from([0, 255]),
  });
});

test('statements in flight are rejected as unavailable when the connection is lost, and it comes back', async () => {
  const hot = hotOf({ readers: 1 });
  const me = { name: 'me', text: 'select pg_backend_pid() as pid where $1' };
  const [before] = await hot.query<{ pid: number }>(me, [true]);
  const sleeping = hot.query({ name: 'sleep', text: 'select pg_sleep($1)' }, [4]).catch((error: unknown) => error);
  const behind = hot.query(me, [true]).catch((error: unknown) => error);
  await admin.query('select pg_terminate_backend($1)', [before?.pid]);
  expect(codeOf(await sleeping)).toBe('unavailable');
  expect(codeOf(await behind)).toBe('unavailable');
  const [after] = await hot.query<{ pid: number }>(me, [true]);
  expect(after?.pid).not.toBe(before?.pid);
});

test('writers open as they are needed and write', async () => {
  const hot = hotOf({ writers: 4 });
  await admin.query('create table written (n int)');
  const insert = {
    name: 'insert',
    text: 'insert into written values ($1) returning pg_backend_pid() as pid',
  };
  const lone = await hot.write<{ pid: number }>(insert, [0]);
  expect(await hot.write<{ pid: number }>(insert, [0])).toEqual(lone);
  await Promise.all(Array.from({ length: 50 }, () => hot.write(insert, [0])));
  const { rows } = await admin.query('select count(*)::int as n from written');
  expect(rows).toEqual([{ n: 52 }]);
});

test('without a server a query is rejected as unavailable', async () => {
  const hot = hotOf({
    connectionString: 'postgresql://nobody@/none?host=%2Fnonexistent',
  });
  expect(codeOf(await hot.query(echo, [1]).catch((error: unknown) => error))).toBe('unavailable');
});

test('a statement that takes too long is unavailable, the one behind it is not', async () => {
  const hot = hotOf({ readers: 1, statementTimeout: 50 });
  const slow = hot.query({ name: 'slow', text: 'select pg_sleep($1)' }, [10]).catch((error: unknown) => error);
  const next = hot.query(echo, [7]);
  expect(codeOf(await slow)).toBe('unavailable');
  expect(await next).toEqual([{ n: '7' }]);
});

/** The way to the database, which can lose everything that it is given without a word, as when a host vanishes. */
async function startTunnel() {
  const { host, port, user = '', password, database: name } = new pg.Client(database.connectionString);
  let vanished = false;
  const tunnel = createServer((near) => {
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    far.on('data', (bytes) => vanished || near.write(bytes));
    near.on('data', (bytes) => vanished || far.write(bytes));
    const end = () => {
      far.destroy();
      near.destroy();
    };
    for (const side of [near, far]) side.on('close', end).on('error', end);
  });
  await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password ?? '')}`;
  return {
    connectionString: `postgresql://${login}@127.0.0.1:${(tunnel.address() as AddressInfo).port}/${name}`,
    vanish: (gone: boolean) => {
      vanished = gone;
    },
    close: () => tunnel.close(),
  };
}

test('a database that vanished without a word is unavailable, and is found again', { timeout: 20_000 }, async () => {
  const tunnel = await startTunnel();
  const hot = hotOf({ readers: 1, statementTimeout: 50, connectionString: tunnel.connectionString });
  expect(await hot.query(echo, [1])).toEqual([{ n: '1' }]);
  tunnel.vanish(true);
  const lost = await Promise.allSettled([hot.query(echo, [2]), hot.query(echo, [3])]);
  for (const result of lost) expect(codeOf(result.status === 'rejected' ? result.reason : result)).toBe('unavailable');
  tunnel.vanish(false);
  expect(await hot.query(echo, [4])).toEqual([{ n: '4' }]);
  tunnel.vanish(true);
  await hot.close();
  tunnel.close();
});

test('a table that changed under a prepared statement is read anew', async () => {
  const hot = hotOf({ readers: 1 });
  await admin.query('create table shape (a int); insert into shape values (1)');
  const all = { name: 'all', text: 'select * from shape where a = $1' };
  expect(await hot.query(all, [1])).toEqual([{ a: 1 }]);
  await admin.query('alter table shape add b int default 2');
  expect(await hot.query(all, [1])).toEqual([{ a: 1, b: 2 }]);
});
