import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from './principal.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const whoami = async (as: string) => (await server.client.get('/whoami', { as })).status;
const keyEvents = (userId: string) =>
  server.deps.db
    .selectFrom('events')
    .selectAll()
    .where('type', '=', 'api_key.refreshed')
    .where('user_id', '=', userId)
    .execute();

describe('GET /user', () => {
  it('shows the id with every digit, as a number and as text', async () => {
    const { userId, orgId, email, apiKey } = await server.createAccount('owner');
    expect(BigInt(userId)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    const { body, json } = await server.client.get('/user', { as: apiKey });
    expect(body.toString()).toContain(
      `{"response":{"id":${userId},"id_str":"${userId}","email":"${email}","role":"owner"`,
    );
    expect(json.response).toMatchObject({ organisation_id: orgId, organisation_name: orgId });
    expect(Date.parse(json.response.created_at)).not.toBeNaN();
  });

  it('shows each colleague themselves', async () => {
    const owner = await server.createAccount('owner');
    const member = await server.createAccount('member', { org: owner.orgId });
    const shown = await Promise.all([owner, member].map(({ apiKey }) => server.client.get('/user', { as: apiKey })));
    expect(shown.map(({ json }) => [json.response.id_str, json.response.role])).toEqual([
      [owner.userId, 'owner'],
      [member.userId, 'member'],
    ]);
  });
});

describe('POST /api_key', () => {
  it('gives a new key and kills the old one at once', async () => {
    const { apiKey, userId } = await server.createAccount('member');
    const { status, headers, json } = await server.client.post('/api_key', { as: apiKey });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(json.response.api_key).toMatch(/^ct_[\w-]{43}$/);
    expect(Math.abs(Date.parse(json.response.created_at) - Date.now())).toBeLessThan(60_000);
    expect([await whoami(apiKey), await whoami(json.response.api_key)]).toEqual([401, 200]);
    expect(await keyEvents(userId)).toHaveLength(1);
  });

  it('changes nobody else’s key', async () => {
    const owner = await server.createAccount('owner');
    const colleague = await server.createAccount('admin', { org: owner.orgId });
    const stranger = await server.createAccount('admin');
    await server.client.post('/api_key', { as: owner.apiKey });
    expect([await whoami(colleague.apiKey), await whoami(stranger.apiKey)]).toEqual([200, 200]);
  });

  it('asked twice at once, leaves one key that works', async () => {
    const { apiKey, userId } = await server.createAccount('member');
    const answers = await Promise.all([1, 2, 3].map(() => server.client.post('/api_key', { as: apiKey })));
    const given = answers.filter(({ status }) => status === 200).map(({ json }) => json.response.api_key);
    const working = (await Promise.all(given.map(whoami))).filter((status) => status === 200);
    expect(working).toHaveLength(1);
    expect(await keyEvents(userId)).toHaveLength(given.length);
    expect(await whoami(apiKey)).toBe(401);
  });

  it('stores the key as a hash only', async () => {
    const { apiKey, userId } = await server.createAccount('member');
    const row = await server.deps.db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow();
    expect(row.api_key_hash).toEqual(hashSecret(apiKey));
    expect(JSON.stringify(row)).not.toContain(apiKey.slice(3));
  });
});

describe('an account', () => {
  it('that was suspended a moment ago is out, and in again when it is not', async () => {
    const { apiKey, orgId } = await server.createAccount('owner');
    const set = (suspended_at: Date | null) =>
      server.deps.db.updateTable('organisations').set({ suspended_at }).where('id', '=', orgId).execute();
    await set(new Date());
    const { status, json } = await server.client.get('/whoami', { as: apiKey });
    expect([status, json]).toEqual([401, { error: { generic: ['account_suspended'] } }]);
    await set(null);
    expect(await whoami(apiKey)).toBe(200);
  });

  it.each(['overdue', 'trialing'] as const)('that is %s may read, but change nothing', async (billing) => {
    const { apiKey } = await server.createAccount('owner', { billing });
    expect([await whoami(apiKey), (await server.client.get('/api/products', { as: apiKey })).status]).toEqual([
      200, 200,
    ]);
    const { status, json } = await server.client.post('/api/products', { as: apiKey, json: { slug: 'a', name: 'a' } });
    expect([status, json]).toEqual([402, { error: { generic: ['payment_required'] } }]);
  });

  it('whose trial has not ended may do everything', async () => {
    const { apiKey, orgId } = await server.createAccount('owner', { billing: 'trialing' });
    const trial_ends_at = new Date(Date.now() + 60_000);
    await server.deps.db.updateTable('organisations').set({ trial_ends_at }).where('id', '=', orgId).execute();
    expect((await server.client.post('/api/products', { as: apiKey, json: { slug: 'a', name: 'a' } })).status).toBe(
      201,
    );
  });
});
