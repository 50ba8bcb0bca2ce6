import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { sweep } from '../tasks/sweep.ts';
import { mint } from '../testing/mint.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { foldChanges } from './queries.ts';
import { foldDownloadDays } from './tasks.ts';

const NOW = new Date('2027-01-10T12:00:00Z');

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ deps: (real) => ({ ...real, clock: () => NOW }) });
});
afterAll(() => server.stop());

type Query = Record<string, string>;

const analytics = (as: string, query: Query = {}) => server.client.get('/api/analytics/downloads', { as, query });

/** Two products of a new organisation, the first with a token that sessions can be added under. */
async function publisher() {
  const admin = await server.createAccount('admin');
  const published = await Promise.all([server.publishSmall(admin), server.publishSmall(admin)]);
  const tokens = await Promise.all(published.map(({ product }) => mint(server, admin, product)));
  return { admin, products: published.map(({ product }) => product), tokens };
}

const counts = (started: number, completed = 0, failed = 0, abandoned = 0, bytes = 0) => ({
  started,
  completed,
  failed,
  abandoned,
  completionRate: started === 0 ? 0 : Math.round((completed / started) * 1e4) / 1e4,
  bytes,
});

describe('what happens to a download', () => {
  it('is counted at once, on the day on which it started', async () => {
    const { admin, products, tokens } = await publisher();
    const token = tokens[0] ?? '';
    const today = new Date().toISOString().slice(0, 10);
    const now = async () => (await analytics(admin.apiKey, { from: today, to: today })).json.groups[0];
    const none = { date: today, label: today, ...counts(0) };
    expect(await now()).toEqual(none);
    const session = await server.client.post('/download/sessions', { query: { token } });
    expect(await now()).toEqual({ ...none, ...counts(1) });
    await foldDownloadDays(server.deps);
    await server.client.patch(`/download/sessions/${session.json.id}`, {
      query: { token },
      json: { status: 'failed' },
    });
    expect(await now()).toEqual({ ...none, ...counts(1, 0, 1) });
    const { body } = await server.client.get('/download/archive', { query: { token } });
    await expect.poll(now, { timeout: 5000, interval: 10 }).toEqual({ ...none, ...counts(2, 1, 1, 0, body.length) });
    await server.client.post('/download/sessions', { query: { token } });
    await sql`update download_sessions set started_at = started_at - interval '2 days'
      where organisation_id = ${admin.orgId} and status = 'started'`.execute(server.deps.db);
    await sweep(server.deps);
    const { totals, topProducts } = (await analytics(admin.apiKey, { from: '2026-01-01', to: today })).json;
    expect(totals).toEqual(counts(3, 1, 1, 1, body.length));
    expect(topProducts).toEqual([{ productId: products[0], productName: products[0], ...totals }]);
  });
});

interface Row {
  readonly product: number;
  readonly startedAt: string;
  readonly status: string;
  readonly bytes: number;
}

async function addSessions({ orgId }: NewAccount, products: readonly string[], rows: readonly Row[]): Promise<void> {
  const ids = rows.map(() => server.deps.ids.next());
  await sql`insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, status, address,
      user_agent, total_bytes, bytes_sent, started_at)
    select r.id, t.organisation_id, t.product_id, t.version_id, t.id, 'archive', r.status, '192.0.2.1', r.id::text, 1000,
      r.bytes, r.started_at
    from unnest(${ids}::bigint[], ${rows.map(({ product }) => products[product])}::text[],
      ${rows.map(({ status }) => status)}::text[], ${rows.map(({ bytes }) => bytes)}::bigint[],
      ${rows.map(({ startedAt }) => startedAt)}::timestamptz[]) as r (id, product_id, status, bytes, started_at)
    join download_tokens t on t.organisation_id = ${orgId} and t.product_id = r.product_id`.execute(server.deps.db);
}

describe('groups', () => {
  it('are days, ISO weeks and months in UTC, those without downloads included', async () => {
    const { admin, products } = await publisher();
    const at = (startedAt: string, status = 'completed') => ({ product: 0, startedAt, status, bytes: 10 });
    await addSessions(admin, products, [
      at('2024-02-29T23:59:59.999999Z'),
      at('2024-03-01T00:00:00Z'),
      at('2026-12-27T23:59:59Z'),
      at('2026-12-28T00:00:00Z'),
      at('2027-01-03T23:59:59Z', 'started'),
      at('2027-01-04T00:00:00Z'),
    ]);
    const groups = async (query: Query) =>
      (await analytics(admin.apiKey, query)).json.groups.map((group: Record<string, unknown>) => [
        group.date,
        group.label,
        group.started,
      ]);
    expect(await groups({ from: '2024-02-28', to: '2024-03-01' })).toEqual([
      ['2024-02-28', '2024-02-28', 0],
      ['2024-02-29', '2024-02-29', 1],
      ['2024-03-01', '2024-03-01', 1],
    ]);
    expect(await groups({ from: '2026-12-27', to: '2027-01-11', groupBy: 'week' })).toEqual([
      ['2026-12-21', '2026-W52', 1],
      ['2026-12-28', '2026-W53', 2],
      ['2027-01-04', '2027-W01', 1],
      ['2027-01-11', '2027-W02', 0],
    ]);
    expect(await groups({ from: '2026-12-28', to: '2027-01-03', groupBy: 'month' })).toEqual([
      ['2026-12-01', '2026-12', 1],
      ['2027-01-01', '2027-01', 1],
    ]);
    const { json } = await analytics(admin.apiKey, { period: '7d' });
    expect([json.from, json.to, json.groupBy, json.groups.length]).toEqual(['2027-01-04', '2027-01-10', 'day', 7]);
    expect(json.totals).toEqual(counts(1, 1, 0, 0, 10));
    expect((await analytics(admin.apiKey, { period: '1y', productId: products[1] ?? '' })).json.topProducts).toEqual(
      [],
    );
  });

  it('are of one organisation, for its admins', async () => {
    const { admin, products } = await publisher();
    await addSessions(admin, products, [{ product: 0, startedAt: '2027-01-05T00:00:00Z', status: 'failed', bytes: 1 }]);
    const other = await publisher();
    const { json } = await analytics(other.admin.apiKey, { productId: products[0] ?? '' });
    expect([json.totals, json.topProducts]).toEqual([counts(0), []]);
    const member = await server.createAccount('member', { org: admin.orgId });
    expect((await analytics(member.apiKey)).status).toBe(403);
    expect((await analytics(admin.apiKey)).json.totals).toEqual(counts(1, 0, 1, 0, 1));
  });

  it.each([
    [{ period: '7d', from: '2026-01-01' }, 'period'],
    [{ period: '8d' }, 'period'],
    [{ from: '2026-02-29' }, 'from'],
    [{ from: '2016-01-01', to: '2026-12-31' }, 'from'],
    [{ groupBy: 'hour' }, 'groupBy'],
    [{ productId: 'Epic Drums' }, 'productId'],
  ])('refuse %j', async (query, field) => {
    const { apiKey } = await server.createAccount('admin');
    const { status, json } = await analytics(apiKey, query as unknown as Query);
    expect([status, json]).toEqual([400, { error: { [field]: ['invalid_format'] } }]);
  });
});

/** The answer as a plain GROUP BY over the sessions would give it. */
async function plain({ orgId }: NewAccount, from: string, to: string, groupBy: string, productId: string | undefined) {
  const { rows } = await sql<Record<string, string>>`
    select to_char(date_trunc(${groupBy}::text, started_at at time zone 'UTC'), 'YYYY-MM-DD') as date,
      count(*) as started, count(*) filter (where status = 'completed') as completed,
      count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'abandoned') as abandoned,
      sum(bytes_sent) as bytes
    from download_sessions
    where organisation_id = ${orgId} and (started_at at time zone 'UTC')::date between ${from}::date and ${to}::date
      and product_id = coalesce(${productId ?? null}::text, product_id)
    group by 1 order by 1`.execute(server.deps.db);
  return rows.map(({ date, ...row }) => [date, Object.values(row).map(Number)]);
}

const day = fc.integer({ min: 0, max: 20 }).map((n) => new Date(Date.UTC(2026, 11, 20 + n)).toISOString().slice(0, 10));
const hour = fc.constantFrom('00:00:00Z', '11:59:59.5Z', '23:59:59.999999Z', '01:00:00+02:00');
const status = fc.constantFrom('started', 'completed', 'failed', 'abandoned');
const bytes = fc.integer({ min: 0, max: 1_000_000 });
const row = fc.record({
  product: fc.integer({ min: 0, max: 1 }),
  startedAt: fc.tuple(day, hour).map(([date, time]) => `${date}T${time}`),
  status,
  bytes,
});
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), rows: fc.array(row, { minLength: 1, maxLength: 8 }) }),
  fc.record({
    kind: fc.constant('change' as const),
    status,
    bytes,
    one: fc.nat(5),
    of: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), one: fc.nat(9) }),
  fc.record({ kind: fc.constant('undo' as const), status }),
  fc.record({ kind: fc.constant('fold' as const), most: fc.integer({ min: 1, max: 12 }) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take({ admin, products }: Awaited<ReturnType<typeof publisher>>, taken: Step): Promise<void> {
  const { db } = server.deps;
  if (taken.kind === 'add') return addSessions(admin, products, taken.rows);
  if (taken.kind === 'fold') return void (await foldChanges(db, taken.most));
  // Of the same organisation, in no order that the days or statuses follow.
  const one = sql`id in (select id from (select id, row_number() over (order by md5(id::text)) as n from download_sessions
    where organisation_id = ${admin.orgId}) numbered where n % ${'of' in taken ? taken.of : 10}::int = ${'one' in taken ? taken.one : 0}::int)`;
  if (taken.kind === 'remove') return void (await sql`delete from download_sessions where ${one}`.execute(db));
  const change = sql`update download_sessions set status = ${taken.status}, bytes_sent = bytes_sent
    + ${'bytes' in taken ? taken.bytes : 1}::bigint where`;
  if (taken.kind === 'change') return void (await sql`${change} ${one}`.execute(db));
  await db
    .transaction()
    .execute(async (tx) => {
      await sql`${change} organisation_id = ${admin.orgId}`.execute(tx);
      throw new Error('undone');
    })
    .catch(() => undefined);
}

it('whatever happens to sessions, the counts are those of a plain GROUP BY', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 15 }),
      fc.tuple(day, day),
      fc.constantFrom('day', 'week', 'month'),
      fc.boolean(),
      async (steps, days, groupBy, ofOne) => {
        const own = await publisher();
        const productId = ofOne ? own.products[0] : undefined;
        const [from = '', to = ''] = [...days].sort();
        for (const taken of steps) await take(own, taken);
        const query = { from, to, groupBy, ...(productId === undefined ? {} : { productId }) };
        const { groups } = (await analytics(own.admin.apiKey, query)).json;
        const found = groups
          .filter(({ started }: { started: number }) => started > 0)
          .map((group: Record<string, number>) => [
            group.date,
            [group.started, group.completed, group.failed, group.abandoned, group.bytes],
          ]);
        expect(found).toEqual(await plain(own.admin, from, to, groupBy, productId));
      },
    ),
    { numRuns: 25 },
  );
});

it('counts every change once while sessions end and others fold', async () => {
  const { admin, products } = await publisher();
  const many = Array.from({ length: 200 }, () => ({
    product: 0,
    startedAt: '2027-01-05T00:00:00Z',
    status: 'started',
    bytes: 0,
  }));
  await addSessions(admin, products, many);
  const { rows } = await sql<{
    id: string;
  }>`select id from download_sessions where organisation_id = ${admin.orgId}`.execute(server.deps.db);
  const end = ({ id }: { id: string }) =>
    sql`update download_sessions set status = 'completed', bytes_sent = 7 where id = ${id}::bigint`.execute(
      server.deps.db,
    );
  const seen: number[] = [];
  const look = async () => {
    for (let i = 0; i < 20; i += 1) seen.push((await analytics(admin.apiKey, { period: '7d' })).json.totals.started);
  };
  const fold = async () => {
    for (let i = 0; i < 20; i += 1) await foldChanges(server.deps.db, 10);
  };
  await Promise.all([look(), fold(), fold(), ...rows.map(end)]);
  expect(new Set(seen)).toEqual(new Set([200]));
  expect((await analytics(admin.apiKey, { period: '7d' })).json.totals).toEqual(counts(200, 200, 0, 0, 1400));
});
