import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import type { PublishedSmall } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const HEADER =
  'sessionId,productId,productName,version,customerEmail,customerName,orderId,status,startedAt,completedAt,bytesSent,userAgent\r\n';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

async function publisher() {
  const account = await server.createAccount('admin');
  return { admin: account, published: await server.publishSmall(account) };
}

const report = (query: Record<string, string | number> = {}, as = admin.apiKey) =>
  server.client.get('/api/reports/downloads', { as, query });

interface Session {
  startedAt?: string;
  completedAt?: string;
  status?: string;
  userAgent?: string;
  bytes?: number;
}

/** A download session as it would stand in the database, under a token that was minted through the API. */
async function addSession(
  { apiKey, orgId }: NewAccount,
  { product, versionId }: PublishedSmall,
  { startedAt = '2026-04-01T12:00:00Z', completedAt, status = 'started', userAgent = 'curl', bytes = 0 }: Session,
  customer: { customerEmail?: string; orderId?: string } = {},
): Promise<string> {
  const token = await mint(server, { apiKey }, product, customer);
  const id = server.deps.ids.next();
  await sql`insert into download_sessions (id, organisation_id, product_id, version_id, token_id, kind, status, address,
      user_agent, total_bytes, bytes_sent, started_at, completed_at)
    select ${id}::bigint, ${orgId}, ${product}, ${versionId}::bigint, t.id, 'archive', ${status}, '192.0.2.1',
      ${userAgent}, 1000, ${bytes}::bigint, ${startedAt}::timestamptz, ${completedAt ?? null}::timestamptz
    from download_tokens t where t.token_hash = sha256(${token}::bytea)`.execute(server.deps.db);
  return id;
}

async function rename({ orgId }: NewAccount, table: 'products' | 'purchases', values: object): Promise<void> {
  await server.deps.db.updateTable(table).set(values).where('organisation_id', '=', orgId).execute();
}

describe('the report', () => {
  it('is a header where there is nothing', async () => {
    const { status, headers, body } = await report({ from: '2020-01-01', to: '2020-01-31' });
    expect([status, headers['content-type']]).toEqual([200, 'text/csv']);
    expect(headers['content-disposition']).toBe('attachment; filename="downloads-2020-01-01-to-2020-01-31.csv"');
    expect(body.toString()).toBe(HEADER);
  });

  it('is these bytes: quotes, commas, line breaks, formulas, emoji and nothing', async () => {
    const own = await publisher();
    await rename(own.admin, 'products', { name: 'Epic, "Drums" 🥁' });
    const customer = { customerEmail: 'ada@example.com', orderId: '=HYPERLINK("x")' };
    const times = { startedAt: '2026-04-01T03:00:00.1239Z', completedAt: '2026-04-02T03:05:00+02:00' };
    const first = await addSession(
      own.admin,
      own.published,
      { ...times, status: 'completed', bytes: 1000, userAgent: '@SUM(1,2)' },
      customer,
    );
    await rename(own.admin, 'purchases', { customer_name: 'Ada\nof\r\n"Love,lace"\rż' });
    const second = await addSession(own.admin, own.published, { userAgent: '' });
    const third = await addSession(own.admin, own.published, {
      startedAt: '2026-04-01T12:00:01Z',
      userAgent: '\tcmd',
    });
    const { body } = await report({}, own.admin.apiKey);
    const { product } = own.published;
    const name = '"Epic, ""Drums"" 🥁"';
    const rows = [
      `${first},${product},${name},1.0.0,ada@example.com,"Ada\r\nof\r\n""Love,lace""\r\nż","'=HYPERLINK(""x"")",completed,2026-04-01T03:00:00.123Z,2026-04-02T01:05:00.000Z,1000,"'@SUM(1,2)"`,
      `${second},${product},${name},1.0.0,,,,started,2026-04-01T12:00:00.000Z,,0,`,
      `${third},${product},${name},1.0.0,,,,started,2026-04-01T12:00:01.000Z,,0,'\tcmd`,
    ];
    expect(body.toString()).toBe(HEADER + rows.map((row) => `${row}\r\n`).join(''));
  });

  it.each([
    ['=1', "'=1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@1', "'@1"],
    ['\t1', "'\t1"],
    ['\r1', '"\'\r\n1"'],
    ['\n1', '"\'\r\n1"'],
    ["'=1", "'=1"],
    ['1=', '1='],
    ['ż=', 'ż='],
  ])('writes the name %j as %j', async (name, cell) => {
    const own = await publisher();
    await rename(own.admin, 'products', { name });
    await addSession(own.admin, own.published, {});
    const { body } = await report({}, own.admin.apiKey);
    const [, rest = ''] = body.toString().split(`,${own.published.product},`);
    expect(rest.slice(0, cell.length + 1)).toBe(`${cell},`);
  });

  it('takes days in UTC, both included, on the start', async () => {
    const own = await publisher();
    const times = [
      '2026-02-28T23:59:59.999999Z',
      '2026-03-01T00:00:00Z',
      '2026-03-31T23:59:59.999999Z',
      '2026-04-01T00:00:00Z',
    ];
    const ids: string[] = [];
    for (const startedAt of times)
      ids.push(
        await addSession(own.admin, own.published, {
          startedAt,
          completedAt: '2026-05-05T00:00:00Z',
          status: 'completed',
        }),
      );
    const found = async (query: Record<string, string | number>) => idsIn((await report(query, own.admin.apiKey)).body);
    expect(await found({})).toEqual(ids);
    expect(await found({ from: '2026-03-01', to: '2026-03-31' })).toEqual(ids.slice(1, 3));
    expect(await found({ from: '2026-03-01' })).toEqual(ids.slice(1));
    expect(await found({ to: '2026-02-28' })).toEqual(ids.slice(0, 1));
    expect(await found({ from: '2026-04-01', to: '2026-04-01' })).toEqual(ids.slice(3));
    expect(await found({ from: '0001-01-01', to: '9999-12-31' })).toEqual(ids);
    expect(await found({ limit: 2 })).toEqual(ids.slice(0, 2));
    expect(await found({ from: '2026-03-01', limit: 1 })).toEqual(ids.slice(1, 2));
  });

  it('filters by product and status together', async () => {
    const own = await publisher();
    const other = await server.publishSmall(own.admin);
    const failed = await addSession(own.admin, own.published, { status: 'failed' });
    const completed = await addSession(own.admin, own.published, { status: 'completed' });
    const elsewhere = await addSession(own.admin, other, { status: 'completed' });
    const found = async (query: Record<string, string>) => idsIn((await report(query, own.admin.apiKey)).body);
    expect(await found({ productId: own.published.product })).toEqual([failed, completed]);
    expect(await found({ status: 'completed' })).toEqual([completed, elsewhere]);
    expect(await found({ productId: other.product, status: 'failed' })).toEqual([]);
    expect(await found({ productId: 'no-such-product' })).toEqual([]);
  });

  it('names the customer of the purchase before the one of the link', async () => {
    const own = await publisher();
    const customer = { customerEmail: 'first@example.com', orderId: 'order-1' };
    await addSession(own.admin, own.published, {}, customer);
    await rename(own.admin, 'purchases', { customer_email: 'moved@example.com', customer_name: 'Ada' });
    expect((await report({}, own.admin.apiKey)).body.toString()).toContain(',moved@example.com,Ada,order-1,');
  });

  it('shows nothing of another organisation, and is for admins', async () => {
    const own = await publisher();
    await addSession(own.admin, own.published, {});
    expect((await report({ productId: own.published.product })).body.toString()).toBe(HEADER);
    const member = await server.createAccount('member', { org: own.admin.orgId });
    expect((await report({}, member.apiKey)).status).toBe(403);
    expect(idsIn((await report({}, own.admin.apiKey)).body)).toHaveLength(1);
  });

  it.each([
    [{ from: '2026-02-29' }, ['from']],
    [{ from: '0000-01-01', to: '0000-13-01' }, ['to']],
    [{ from: '0000-01-01', to: '0000-01-02' }, ['from', 'to']],
    [{ from: '2026-1-1', to: 'today' }, ['from', 'to']],
    [{ from: '2026-04-02', to: '2026-04-01' }, ['from']],
    [{ productId: "Epic'; drop table products; --" }, ['productId']],
    [{ status: 'paused', limit: 0 }, ['limit', 'status']],
  ])('refuses %j', async (query, fields) => {
    const { status, json } = await report(query as never);
    expect(status).toBe(400);
    expect(Object.keys(json.error).sort()).toEqual(fields);
  });
});

function idsIn(body: Buffer): string[] {
  return body
    .toString()
    .split('\r\n')
    .slice(1, -1)
    .map((row) => row.split(',')[0] ?? '');
}
