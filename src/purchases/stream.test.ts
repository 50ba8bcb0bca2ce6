import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import type { JsonRows } from './queries.ts';
import { pourArray } from './stream.ts';

const ROWS = 20_000;

let server: TestServer;
let owner: NewAccount;
/** Called before each query of the list; what it throws is the database's error. */
let onQuery: () => void = () => undefined;
let queries = 0;
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => ({
      ...real,
      db: real.db.withPlugin({
        transformQuery({ node }) {
          if (JSON.stringify(node).includes('string_agg')) {
            queries += 1;
            onQuery();
          }
          return node;
        },
        transformResult: async ({ result }) => result,
      }),
    }),
  });
  owner = await server.createAccount('owner');
  const { product } = await server.publishSmall(owner);
  await sql`insert into purchases (id, organisation_id, product_id, customer_email, customer_name, source, order_id)
    select n, ${owner.orgId}, ${product}, 'customer' || n || '@example.com', repeat('x', 200),
      'api', repeat('x', 190) || n
    from generate_series(1, ${ROWS}) n`.execute(server.deps.db);
});
afterAll(() => server.stop());

/** A request whose answer waits until it is read: more than the sockets hold. */
async function ask(query = ''): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).pause();
  await once(socket, 'connect');
  const head = `GET /api/purchases${query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${owner.apiKey}\r\nConnection: close\r\n\r\n`;
  socket.write(head);
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  socket.resume();
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  return Buffer.concat(chunks).toString();
}

/** Sessions of this database that are in the middle of something, but for the one that asks. */
async function busy(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' and state <> 'idle'`.execute(
    server.deps.db,
  );
  return rows[0]?.n ?? 0;
}

/** How many queries were made once no more come. */
async function settledQueries(): Promise<number> {
  for (let before = -1; before !== queries;) {
    before = queries;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return queries;
}

describe('all purchases at once', () => {
  it('are each there once, in order', async () => {
    const headers = { Authorization: `Bearer ${owner.apiKey}` };
    const rows = (await (await fetch(`${server.url}/api/purchases`, { headers })).json()) as { id: string }[];
    expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: ROWS }, (_, i) => ROWS - i));
  });

  it('wait for a slow reader without a connection, and without reading on', async () => {
    queries = 0;
    const socket = await ask();
    const made = await settledQueries();
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(ROWS / 1_000);
    expect(await busy()).toBe(0);
    const text = await readAll(socket);
    expect(text.match(/"orderId"/g)).toHaveLength(ROWS);
    expect(text.endsWith(']\r\n0\r\n\r\n')).toBe(true);
  });

  it.each(['', '?callback=f'])('are read no further when the reader hangs up (%s)', async (query) => {
    queries = 0;
    const sockets = await Promise.all(Array.from({ length: 30 }, () => ask(query)));
    await expect.poll(() => queries, { timeout: 20_000 }).toBeGreaterThanOrEqual(30);
    for (const socket of sockets) socket.destroy();
    const made = await settledQueries();
    expect(made).toBeLessThan((30 * ROWS) / 1_000);
    await expect.poll(busy, { timeout: 20_000 }).toBe(0);
    expect((await server.client.get('/api/purchases?limit=1', { as: owner.apiKey })).json).toHaveLength(1);
  });

  it.each(['', '?callback=f'])('are cut off, never closed, when the database fails on the way (%s)', async (query) => {
    let left = 3;
    onQuery = () => {
      if (left-- === 0) throw new Error('a failure made by the test');
    };
    const text = await readAll(await ask(query));
    onQuery = () => undefined;
    expect(text).toContain('200 OK');
    expect(text.endsWith('0\r\n\r\n')).toBe(false);
    const count = text.match(/"orderId"/g)?.length ?? 0;
    expect([count > 0, count < ROWS]).toEqual([true, true]);
  });

  it('are not read for HEAD', async () => {
    queries = 0;
    const { status, headers } = await server.client.request('HEAD', '/api/purchases', { as: owner.apiKey });
    expect([status, headers['content-type'], queries]).toEqual([200, 'application/json', 0]);
  });

  it('are an error when the database fails at once', async () => {
    onQuery = () => {
      throw new Error('a failure made by the test');
    };
    const { status } = await server.client.get('/api/purchases', { as: owner.apiKey });
    onQuery = () => undefined;
    expect(status).toBe(500);
  });
});

it('reads for four at once, and not for one who has gone before it was their turn', async () => {
  const answers: ((rows: JsonRows) => void)[] = [];
  const read = () => new Promise<JsonRows>((resolve) => answers.push(resolve));
  const sinks = Array.from({ length: 6 }, () => new PassThrough());
  const poured = sinks.map((sink) => pourArray(read)(sink));
  await expect.poll(() => answers.length).toBe(4);
  sinks[4]?.destroy();
  answers[0]?.({ text: '{}', last: undefined });
  await expect.poll(() => answers.length).toBe(5);
  for (const answer of answers) answer({ text: '{}', last: undefined });
  await Promise.all(poured);
  const texts = sinks.map((sink) => String(sink.read()));
  expect(texts).toEqual(['[{}]', '[{}]', '[{}]', '[{}]', 'null', '[{}]']);
  expect(answers).toHaveLength(5);
});
