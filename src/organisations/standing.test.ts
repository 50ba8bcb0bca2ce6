import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { type Billing, setBilling, setSuspended } from './standing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const bill = (org: string, billing: Billing) => setBilling(server.deps.db, server.deps, org, billing);
const suspend = (org: string, suspended: boolean) => setSuspended(server.deps.db, server.deps, org, suspended);
const whoami = async (as: string) => (await server.client.get('/whoami', { as })).status;
let slugs = 0;
const create = async (as: string) => {
  const slug = `p-${++slugs}`;
  return (await server.client.post('/api/products', { as, json: { slug, name: slug } })).status;
};
const events = async (org: string) => {
  const query = server.deps.db.selectFrom('events').select(['type', 'user_id', 'data']).orderBy('id');
  return query.where('organisation_id', '=', org).where('type', 'like', 'organisation.%').execute();
};

describe('suspending an organisation', () => {
  it('shuts it out at once, and lets it in again', async () => {
    const { apiKey, orgId } = await server.createAccount('owner');
    await suspend(orgId, true);
    expect(await whoami(apiKey)).toBe(401);
    await suspend(orgId, false);
    expect(await whoami(apiKey)).toBe(200);
    expect((await events(orgId)).map(({ type, user_id }) => [type, user_id])).toEqual([
      ['organisation.suspended', null],
      ['organisation.unsuspended', null],
    ]);
  });

  it('twice, also at once, is told once', async () => {
    const { orgId } = await server.createAccount('owner');
    await Promise.all([suspend(orgId, true), suspend(orgId, true), suspend(orgId, true)]);
    await suspend(orgId, true);
    expect(await events(orgId)).toHaveLength(1);
  });
});

describe('billing', () => {
  it('decides from the next request on what may be created', async () => {
    const { apiKey, orgId } = await server.createAccount('owner');
    const until = new Date(Date.now() + 60_000);
    await bill(orgId, { billing: 'overdue' });
    expect([await create(apiKey), await whoami(apiKey)]).toEqual([402, 200]);
    await bill(orgId, { billing: 'trialing', until });
    expect(await create(apiKey)).toBe(201);
    await bill(orgId, { billing: 'trialing', until: new Date(Date.now() - 1) });
    expect(await create(apiKey)).toBe(402);
    await bill(orgId, { billing: 'active' });
    expect(await create(apiKey)).toBe(201);
    const told = await events(orgId);
    expect(told.map(({ data }) => data).slice(0, 2)).toEqual([
      { from: 'active', to: 'overdue' },
      { from: 'overdue', to: 'trialing', until: until.toISOString() },
    ]);
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(['organisation.billing_changed']));
  });

  it('as it is already is no event', async () => {
    const { orgId } = await server.createAccount('owner');
    const until = new Date(Date.now() + 60_000);
    await bill(orgId, { billing: 'active' });
    await bill(orgId, { billing: 'trialing', until });
    await bill(orgId, { billing: 'trialing', until });
    expect(await events(orgId)).toHaveLength(1);
  });
});

it('knows no organisation of another name', async () => {
  await expect(suspend('nobody', true)).rejects.toMatchObject({ fields: { org: ['not_found'] } });
  await expect(bill('nobody', { billing: 'overdue' })).rejects.toMatchObject({ fields: { org: ['not_found'] } });
});
