import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hot } from '../db/hot.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { serveOn } from '../testing/serve_on.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openStream, type TestStream } from '../testing/stream.ts';
import { createFirehoses } from './firehoses.ts';

const KIB = 1024;

let server: TestServer;
let admin: NewAccount;
let reads = 0;
let failing = false;
const responses: ServerResponse[] = [];
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => {
      const hot: Hot = { ...real.hot, query: (statement, values) => watch(real.hot, statement, values) };
      return { ...real, hot, firehoses: createFirehoses({ ...real, hot, keepAlive: 500 }) };
    },
    app: (app) =>
      app.middleware.unshift((ctx, next) => {
        responses.push(ctx.res);
        return next();
      }),
  });
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const watch: Hot['query'] extends (...args: infer A) => unknown ? (hot: Hot, ...args: A) => Promise<never[]> : never = (
  hot,
  statement,
  values,
) => {
  if (statement.name !== 'firehose_events') return hot.query(statement, values);
  reads += 1;
  return failing ? Promise.reject(new Error('the database is away')) : hot.query(statement, values);
};

async function happen(from: number, to = from, characters = 0): Promise<void> {
  const base = BigInt(server.deps.ids.next());
  await sql`insert into events (id, organisation_id, type, data)
    select ${base}::bigint + n, ${admin.orgId}, 'test.happened', jsonb_build_object('n', n, 'text', repeat('x', ${characters}::int))
    from generate_series(${from}::int, ${to}::int) n`.execute(server.deps.db);
}

const open = (query = '', where = server) => openStream(where, `/firehose${query}`, admin.apiKey);
const shown = (stream: TestStream) =>
  stream.lines().map((line) => JSON.parse(line) as { id_str: string; data: { n: number } });
const numbers = (stream: TestStream) => shown(stream).map(({ data }) => data.n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('streams of one organisation', () => {
  it('share what is read', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => open()));
    await happen(1);
    await Promise.all(streams.map((stream) => stream.until(1)));
    const before = reads;
    await happen(2);
    await Promise.all(streams.map((stream) => stream.until(2)));
    expect(reads - before).toBeLessThan(5);
    for (const stream of streams) stream.hangUp();
  });

  it('go on when the database is back', async () => {
    const stream = await open();
    await happen(1);
    await stream.until(1);
    failing = true;
    const before = reads;
    await happen(2);
    await expect.poll(() => reads).toBeGreaterThan(before);
    failing = false;
    await stream.until(2);
    expect(numbers(stream)).toEqual([1, 2]);
    stream.hangUp();
  });

  it('hear what another process does, and end when theirs stops', async () => {
    const other = await serveOn(server.deps.config.databaseUrl ?? '');
    const [here, there] = [await open(), await open('', { ...server, url: other.url })];
    await happen(1);
    await Promise.all([here.until(1), there.until(1)]);
    await other.deps.notices.close();
    expect(await there.ended()).toBe('whole');
    await happen(2);
    await here.until(2);
    here.hangUp();
    await other.stop();
  });
});

/** A stream whose reader does not read until it is told to. */
async function openUnread(query: string) {
  const headers = { authorization: `Bearer ${admin.apiKey}` };
  const sent = request(`${server.url}/firehose${query}`, { headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = responses.at(-1);
  if (!answer) throw new Error('there is no response');
  const read = async () => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(response, 'close').catch(() => undefined);
    const lines = Buffer.concat(chunks).toString().split('\n');
    return { whole: response.complete && lines.pop() === '', lines: lines.filter(Boolean) };
  };
  response.on('error', () => undefined);
  return { answer, read };
}

describe('one who does not keep up', () => {
  // More than the system keeps for a connection.
  const [EVENTS, CHARACTERS] = [600, 50 * KIB];

  it('is let go of behind a whole line when too much waits, and goes on from there', async () => {
    const { answer, read } = await openUnread('');
    let most = 0;
    const measuring = setInterval(() => (most = Math.max(most, answer.writableLength)), 1);
    await happen(1, EVENTS, CHARACTERS);
    await expect.poll(() => answer.writableEnded, { timeout: 10_000 }).toBe(true);
    clearInterval(measuring);
    expect(most).toBeGreaterThan(100 * KIB);
    expect(most).toBeLessThan(257 * KIB);
    const { whole, lines } = await read();
    expect([whole, lines.length < EVENTS]).toEqual([true, true]);
    const last = JSON.parse(lines.at(-1) ?? '') as { id_str: string; data: { n: number } };
    expect(last.data.n).toBe(lines.length);
    const rest = await server.client.get(`/firehose?follow=false&since=${last.id_str}`, { as: admin.apiKey });
    const missed = rest.body.toString().split('\n').filter(Boolean);
    expect(missed.map((line) => (JSON.parse(line) as { data: { n: number } }).data.n)).toEqual(
      range(lines.length + 1, EVENTS),
    );
  });

  it('is cut off when it reads nothing at all', async () => {
    const { body } = await server.client.get('/events?limit=1', { as: admin.apiKey });
    const since = /"id_str":"(\d+)"/.exec(body.toString())?.[1];
    await happen(1, EVENTS, CHARACTERS);
    const { answer, read } = await openUnread(`?since=${since}`);
    await expect.poll(() => answer.destroyed, { timeout: 10_000 }).toBe(true);
    const { whole, lines } = await read();
    expect([whole, lines.length < EVENTS]).toEqual([false, true]);
  });
});
