import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { connect, type Database } from './connect.ts';
import { createNotices, type Notices } from './listen.ts';
import { silent } from './log.ts';

let database: TestDatabase;
let sender: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  sender = connect({ connectionString: database.connectionString, max: 2, log: silent });
});
afterAll(async () => {
  await sender.close();
  await database.drop();
});

const notify = (channel: string, payload: string) => sql`select pg_notify(${channel}, ${payload})`.execute(sender.db);
const listening = async () => {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
    where application_name = 'continuity listener' and datname = current_database()`.execute(sender.db);
  return rows;
};

/** Whatever was told on a channel, and a wait for more of it. */
function record(notices: Notices, channel: string) {
  const told: (string | undefined)[] = [];
  let wake = () => {};
  const stop = notices.listen(channel, (payload) => {
    told.push(payload);
    wake();
  });
  const untilLength = async (length: number) => {
    while (told.length < length) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { told, stop, untilLength };
}

it('tells everybody who listens on a channel, and nobody else, over one connection', async () => {
  const notices = createNotices({ connectionString: database.connectionString, log: silent });
  const [first, second, other] = ['one', 'one', 'two'].map((channel) => record(notices, channel));
  await Promise.all([first?.untilLength(1), other?.untilLength(1)]);
  await notify('one', 'a');
  await Promise.all([first?.untilLength(2), second?.untilLength(2)]);
  second?.stop();
  await notify('one', 'b');
  await first?.untilLength(3);
  expect([first?.told, second?.told, other?.told]).toEqual([[undefined, 'a', 'b'], [undefined, 'a'], [undefined]]);
  expect(await listening()).toHaveLength(1);
  await notices.close();
});

it('listens to a channel that is asked for later', async () => {
  const notices = createNotices({ connectionString: database.connectionString, log: silent });
  await record(notices, 'early').untilLength(1);
  const late = record(notices, 'late');
  await late.untilLength(1);
  await notify('late', 'x');
  await late.untilLength(2);
  expect(late.told).toEqual([undefined, 'x']);
  await notices.close();
});

it('connects again when its connection is lost, and tells everybody that something may have been missed', async () => {
  const notices = createNotices({ connectionString: database.connectionString, log: silent });
  const [one, two] = [record(notices, 'one'), record(notices, 'two')];
  await Promise.all([one.untilLength(1), two.untilLength(1)]);
  for (let times = 2; times < 5; times++) {
    for (const { pid } of await listening()) await sql`select pg_terminate_backend(${pid}::int)`.execute(sender.db);
    await Promise.all([one.untilLength(times), two.untilLength(times)]);
  }
  await notify('two', 'after');
  await two.untilLength(5);
  expect([one.told, two.told.at(-1)]).toEqual([[undefined, undefined, undefined, undefined], 'after']);
  await notices.close();
});

it('goes on trying while there is no database', async () => {
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_data: object, message: string) => void warnings.push(message) };
  const notices = createNotices({ connectionString: 'postgresql://nobody@127.0.0.1:1/nothing', log });
  const { told } = record(notices, 'one');
  while (warnings.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual([]);
  await notices.close();
  expect(notices.closed.aborted).toBe(true);
});

it('wakes whoever waits when it is closed, and is opened by nobody then', async () => {
  const notices = createNotices({ connectionString: database.connectionString, log: silent });
  const one = record(notices, 'one');
  await one.untilLength(1);
  await notices.close();
  expect(one.told).toEqual([undefined, undefined]);
  notices.listen('two', () => undefined);
  await notices.close();
  expect(await listening()).toHaveLength(0);
});
