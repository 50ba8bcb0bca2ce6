import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvent } from '../events/record.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { createAccessToken } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openStream, type TestStream } from '../testing/stream.ts';
import { createFirehoses } from './firehoses.ts';

const BEAT = 40;

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => ({ ...real, firehoses: createFirehoses({ ...real, keepAlive: BEAT }) }),
  });
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const open = (query = '', headers: Record<string, string> = {}, as = admin.apiKey) =>
  openStream(server, `/firehose${query}`, as, headers);

/** Tells of something that happened in the organisation. */
async function happen(n: number, organisationId = admin.orgId, db = server.deps.db): Promise<string> {
  const id = server.deps.ids.next();
  const event = { id, organisationId, type: 'test.happened', userId: null, data: { n } };
  await recordEvent(db as never, event);
  return id;
}

/** What was told, by the numbers of `happen`. */
const numbers = (lines: readonly string[]) =>
  lines
    .filter((line) => line !== ':')
    .map((line) => line.replace(/^data: /, ''))
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { data: { n?: number } }).data.n);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('GET /firehose', () => {
  it('tells what happens from then on, as one event on a line', async () => {
    await happen(1);
    const stream = await open();
    const { headers } = stream.response;
    expect([headers['content-type'], headers['x-accel-buffering'], headers['cache-control']]).toEqual([
      'application/x-ndjson',
      'no',
      'no-store',
    ]);
    const id = await happen(2);
    await server.client.post('/api/products', { as: admin.apiKey, json: { slug: 'told', name: 'Told' } });
    const [first, second] = await stream.until(2);
    expect(JSON.parse(first ?? '')).toMatchObject({ id_str: id, type: 'test.happened', data: { n: 2 } });
    expect(first).toContain(`"id":${id},`);
    expect(JSON.parse(second ?? '')).toMatchObject({ type: 'product.created', data: { product_id: 'told' } });
    stream.hangUp();
  });

  it('is a stream of server-sent events where the client prefers one', async () => {
    const stream = await open('', { accept: 'text/html;q=0.1, text/event-stream' });
    const id = await happen(3);
    await expect.poll(() => stream.text()).toContain(`id: ${id}\ndata: {"id":${id},`);
    expect(stream.text()).toMatch(/"n":3[^\n]*\n\n/);
    expect(stream.response.headers['content-type']).toBe('text/event-stream');
    stream.hangUp();
  });

  it.each(['*/*', 'text/html', 'application/json', 'application/x-ndjson, text/event-stream;q=0.5', ''])(
    'is NDJSON for Accept: %s',
    async (accept) => {
      const { status, headers } = await server.client.get('/firehose?follow=false', {
        as: admin.apiKey,
        headers: { accept },
      });
      expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    },
  );

  it('shows that it lives, in a way that means nothing', async () => {
    const [lines, sse] = await Promise.all([open(), open('', { accept: 'text/event-stream' })]);
    await expect.poll(() => lines.text()).toMatch(/^\n\n+$/);
    await expect.poll(() => sse.text()).toMatch(/^(:\n\n)(:\n\n)+$/);
    for (const stream of [lines, sse]) stream.hangUp();
  });

  it('tells nothing of another organisation, nor to a role below admin', async () => {
    const [other, member] = [
      await server.createAccount('admin'),
      await server.createAccount('member', { org: admin.orgId }),
    ];
    const stream = await open('', {}, other.apiKey);
    await happen(4);
    await happen(5, other.orgId);
    expect(numbers(await stream.until(1))).toEqual([5]);
    stream.hangUp();
    const { body } = await server.client.get('/firehose?follow=false', { as: other.apiKey });
    expect(numbers(body.toString().split('\n'))).not.toContain(4);
    expect((await server.client.get('/firehose', { as: member.apiKey })).status).toBe(403);
  });

  it('takes an access token, in the query too', async () => {
    const token = await createAccessToken(server.deps, admin, ['events']);
    const { status } = await server.client.get(`/firehose?follow=false&oauth_token=${token}`);
    expect(status).toBe(200);
  });
});

describe('since', () => {
  const ask = (query: string, headers: Record<string, string> = {}) =>
    server.client.get(`/firehose?${query}`, { as: admin.apiKey, headers });

  it('goes on behind the event, and then with what happens', async () => {
    const id = await happen(10);
    await happen(11);
    const stream = await open(`?since=${id}`);
    await stream.until(1);
    await happen(12);
    expect(numbers(await stream.until(2))).toEqual([11, 12]);
    stream.hangUp();
  });

  it('gives way to Last-Event-ID, which browsers send', async () => {
    const [first, second] = [await happen(13), await happen(14)];
    await happen(15);
    const { body } = await ask(`follow=false&since=${first}`, { 'Last-Event-ID': second });
    expect(numbers(body.toString().split('\n'))).toEqual([15]);
    expect((await ask(`follow=false&since=${second}`, { 'Last-Event-ID': '' })).body.toString()).toContain('"n":15');
  });

  it('must be an event of the organisation', async () => {
    const other = await server.createAccount('admin');
    const foreign = await happen(16, other.orgId);
    for (const id of [foreign, '1', '0', '9'.repeat(20)])
      expect(await ask(`since=${id}`)).toMatchObject({ status: 404, json: { error: { since: ['not_found'] } } });
    expect(await ask('', { 'Last-Event-ID': 'x' })).toMatchObject({
      status: 404,
      json: { error: { since: ['not_found'] } },
    });
    for (const [query, field] of [
      ['since=x', 'since'],
      ['since=', 'since'],
      ['follow=maybe', 'follow'],
    ] as const)
      expect(await ask(query)).toMatchObject({ status: 403, json: { error: { [field]: ['invalid_format'] } } });
  });

  it('has all of a long backlog, once and in order, whether it is followed or not', async () => {
    const crowd = await server.createAccount('admin');
    const from = await happen(0, crowd.orgId);
    const count = 2_500;
    const base = BigInt(server.deps.ids.next());
    await sql`insert into events (id, organisation_id, type, data)
      select ${base}::bigint + n, ${crowd.orgId}, 'test.happened', jsonb_build_object('n', n, 'text', repeat('x', 500))
      from generate_series(1, ${count}::int) n`.execute(server.deps.db);
    const { body } = await server.client.get(`/firehose?follow=false&since=${from}`, { as: crowd.apiKey });
    expect(numbers(body.toString().split('\n'))).toEqual(range(1, count));
    const stream = await open(`?since=${from}`, {}, crowd.apiKey);
    await happen(count + 1, crowd.orgId);
    expect(numbers(await stream.until(count + 1))).toEqual(range(1, count + 1));
    stream.hangUp();
    const whole = await server.client.get('/firehose?follow=false', { as: crowd.apiKey });
    expect(JSON.parse(whole.body.toString().split('\n').find(Boolean) ?? '')).toMatchObject({ type: 'user.created' });
  });

  it('misses and repeats nothing of what commits in another order than it was begun', async () => {
    const crowd = await server.createAccount('admin');
    const from = await happen(0, crowd.orgId);
    const live = await open(`?since=${from}`, {}, crowd.apiKey);
    let finish = () => {};
    const early = server.deps.db.transaction().execute(async (tx) => {
      await happen(1, crowd.orgId, tx);
      await new Promise<void>((resolve) => (finish = resolve));
    });
    await expect
      .poll(() =>
        sql`select from pg_stat_activity where datname = current_database()
      and state = 'idle in transaction'`
          .execute(server.deps.db)
          .then(({ rows }) => rows.length),
      )
      .toBe(1);
    await happen(2, crowd.orgId);
    const late = await open(`?since=${from}`, {}, crowd.apiKey);
    const until = server.client.get(`/firehose?follow=false&since=${from}`, { as: crowd.apiKey });
    // Time enough for a feed that does not wait to tell of the second.
    await expect.poll(() => live.text().length).toBeGreaterThan(4);
    expect([live.lines(), late.lines()]).toEqual([[], []]);
    finish();
    await early;
    expect(numbers(await live.until(2))).toEqual([1, 2]);
    expect(numbers(await late.until(2))).toEqual([1, 2]);
    expect(numbers((await until).body.toString().split('\n'))).toEqual([1, 2]);
    for (const stream of [live, late]) stream.hangUp();
  });

  it('misses and repeats nothing while many write and readers come and go', async () => {
    const crowd = await server.createAccount('admin');
    const from = await happen(0, crowd.orgId);
    const [writers, each] = [6, 40];
    let writing = true;
    const write = async (writer: number) => {
      for (let n = 0; n < each; n++) await happen(writer * 1000 + n, crowd.orgId);
    };
    const read = async () => {
      const got: (number | undefined)[] = [];
      for (let since = from; got.length < writers * each;) {
        const stream = await open(`?since=${since}`, {}, crowd.apiKey);
        await stream.until(1);
        if (!writing) await stream.until(writers * each - got.length);
        stream.hangUp();
        const lines = stream.lines();
        got.push(...numbers(lines));
        since = (JSON.parse(lines.at(-1) ?? '') as { id_str: string }).id_str;
      }
      return got;
    };
    const readers = Promise.all(Array.from({ length: 4 }, read));
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    writing = false;
    for (const got of await readers) {
      expect(got).toHaveLength(writers * each);
      for (let writer = 0; writer < writers; writer++)
        expect(got.filter((n) => Math.floor((n ?? 0) / 1000) === writer)).toEqual(
          range(writer * 1000, writer * 1000 + each - 1),
        );
    }
  });
});

describe('one who may not read on', () => {
  const followed = async (role: 'admin' | 'owner' = 'admin') => {
    const account = await server.createAccount(role);
    return { account, stream: await open('', {}, account.apiKey) };
  };
  const expectEnd = async (stream: TestStream) => expect(await stream.ended()).toBe('whole');

  it('is left when the key was refreshed', async () => {
    const { account, stream } = await followed();
    await server.client.post('/api_key', { as: account.apiKey });
    await expectEnd(stream);
  });

  it('is left when the role is too low, when the account is suspended, and when the token was revoked', async () => {
    const [demoted, suspended, revoked] = [await followed(), await followed(), await server.createAccount('admin')];
    const token = await createAccessToken(server.deps, revoked, ['events']);
    const byToken = await open('', {}, token);
    const { db } = server.deps;
    await sql`update users set role = 'member' where id = ${demoted.account.userId}`.execute(db);
    await sql`update organisations set suspended_at = now() where id = ${suspended.account.orgId}`.execute(db);
    await sql`delete from access_tokens`.execute(db);
    for (const stream of [demoted.stream, suspended.stream, byToken]) await expectEnd(stream);
  });
});

it('is no HEAD, and no JSON-P', async () => {
  for (const path of ['/firehose', '/builds/1/firehose']) {
    const { status, headers } = await server.client.request('HEAD', path, { as: admin.apiKey });
    expect([status, headers['allow']]).toEqual([405, 'GET, OPTIONS']);
    expect((await server.client.request('OPTIONS', path)).headers['allow']).toBe('GET, OPTIONS');
  }
  const { json } = await server.client.get('/firehose?callback=f', { as: admin.apiKey });
  expect(json).toEqual({ error: { callback: ['unknown_field'] } });
});
