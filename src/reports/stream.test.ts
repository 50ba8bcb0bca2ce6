import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fail } from '../errors/fail.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const ROWS = 20_000;

let server: TestServer;
let admin: NewAccount;
let published: PublishedSmall;
let firstId: bigint;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  published = await server.publishSmall(admin);
  const token = await mint(server, admin, published.product);
  firstId = BigInt(server.deps.ids.next());
  await sql`insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, status, address,
      user_agent, total_bytes, started_at)
    select ${firstId}::bigint + n, t.organisation_id, t.product_id, t.version_id, t.id, 'archive', 'failed', '192.0.2.1',
      repeat('x', 1000), 1000, timestamptz '2026-04-01' + n * interval '1 second'
    from generate_series(0, ${ROWS - 1}::int) n, download_tokens t where t.token_hash = sha256(${token}::bytea)`.execute(
    server.deps.db,
  );
});
afterAll(() => server.stop());

/** Connections that run a report now. */
async function reports(): Promise<number> {
  const { rows } = await sql`select from pg_stat_activity
    where datname = current_database() and query like 'copy (%' and state <> 'idle'`.execute(server.deps.db);
  return rows.length;
}

const none = () => expect.poll(reports, { timeout: 5000, interval: 10 }).toBe(0);

function ask(): ClientRequest {
  const headers = { authorization: `Bearer ${admin.apiKey}` };
  const sent = request(`${server.url}/api/reports/downloads`, { headers, agent: false });
  sent.on('error', () => undefined);
  return sent.end();
}

/** An answer whose body waits to be read: so little fits between the two that the query waits as well. */
async function start(): Promise<IncomingMessage> {
  const sent = ask();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}

describe('a long report', () => {
  it('has every row once, oldest first', async () => {
    const { body } = await server.client.get('/api/reports/downloads', { as: admin.apiKey });
    const rows = body.toString().split('\r\n');
    expect(rows).toHaveLength(ROWS + 2);
    expect(rows.slice(1, -1).map((row) => BigInt(row.slice(0, row.indexOf(','))))).toEqual(
      Array.from({ length: ROWS }, (_, n) => firstId + BigInt(n)),
    );
    await none();
  });

  it('waits for its reader, and ends with one that hangs up', async () => {
    // More than there are connections: each must come back.
    for (let round = 0; round < 3; round += 1) {
      const both = await Promise.all([start(), start()]);
      expect(await reports()).toBe(2);
      for (const response of both) response.destroy();
      await none();
    }
    const { body } = await server.client.get('/api/reports/downloads?limit=1', { as: admin.apiKey });
    expect(body.toString().split('\r\n')).toHaveLength(3);
  });

  it('ends with one that hangs up before there is a row', async () => {
    await server.deps.db.transaction().execute(async (tx) => {
      await sql`lock table download_sessions in access exclusive mode`.execute(tx);
      const sent = ask();
      await expect.poll(reports, { timeout: 5000, interval: 10 }).toBe(1);
      sent.destroy();
      await none();
    });
  });

  it('is refused when too many wait, and given to those who wait in turn', async () => {
    const running = await Promise.all([start(), start()]);
    const askForOne = () => server.client.get('/api/reports/downloads?limit=1', { as: admin.apiKey });
    const all = Array.from({ length: 9 }, askForOne);
    const { status, headers, json } = await Promise.any(all);
    expect([status, headers['retry-after'], json]).toEqual([503, '10', { error: { generic: ['unavailable'] } }]);
    for (const response of running) response.destroy();
    const statuses = (await Promise.all(all)).map((answer) => answer.status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 503]);
  });

  it('is cut off where the database fails in the middle of it', async () => {
    const response = await start();
    expect(response.statusCode).toBe(200);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'copy (%' and state <> 'idle'`.execute(server.deps.db);
    await expect(once(response.resume(), 'end')).rejects.toThrow('aborted');
    await none();
  });
});

it('answers HEAD without a query, and an error where the first byte cannot be had', async () => {
  const down = await startTestServer({
    deps: (real) => ({ ...real, copies: { ...real.copies, pour: () => Promise.reject(fail('unavailable')) } }),
  });
  const { apiKey: as } = await down.createAccount('admin');
  const { status, headers } = await down.client.request('HEAD', '/api/reports/downloads', { as });
  expect([status, headers['content-type']]).toEqual([200, 'text/csv']);
  const answer = await down.client.get('/api/reports/downloads', { as });
  expect([answer.status, answer.headers['content-disposition']]).toEqual([503, undefined]);
  await down.stop();
});
