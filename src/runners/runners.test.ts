import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from '../users/principal.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const create = (json: object = { name: 'machine' }, as = admin.apiKey) => server.client.post('/runners', { as, json });
const names = async (as = admin.apiKey) =>
  (await server.client.get('/runners', { as })).json.response.map(({ name }: { name: string }) => name);
const eventsOf = (id: string) =>
  server.deps.db
    .selectFrom('events')
    .select(['type', 'data'])
    .where('data', '@>', JSON.stringify({ runner_id: id }))
    .orderBy('id')
    .execute();

describe('a runner', () => {
  it('gets a token once, of which only the hash is kept, and is seen when it asks for work', async () => {
    const { status, headers, json } = await create();
    const { token, ...runner } = json.response;
    const id = runner.id_str;
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    expect(headers.location).toBe(`${server.url}/runners/${id}`);
    expect(token).toMatch(/^ctr_[A-Za-z0-9_-]{43}$/);
    const row = await server.deps.db.selectFrom('runners').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(row.token_hash).toEqual(hashSecret(token));
    const [shown] = (await server.client.get('/runners', { as: admin.apiKey })).json.response;
    expect(shown).toEqual(runner);
    expect((await server.client.post('/runner/lease', { as: token })).json).toEqual({});
    const [seen] = (await server.client.get('/runners', { as: admin.apiKey })).json.response;
    expect(Date.parse(seen.last_seen_at)).toBeGreaterThan(Date.now() - 10_000);
    expect(await eventsOf(id)).toEqual([{ type: 'runner.created', data: { runner_id: id, name: 'machine' } }]);
  });

  it('that is revoked opens nothing, is not listed, and cannot be revoked again', async () => {
    const { token, id_str: id } = (await create({ name: 'gone' })).json.response;
    const revoke = () => server.client.delete(`/runners/${id}`, { as: admin.apiKey });
    const [first, second] = await Promise.all([revoke(), revoke()]);
    expect([first.status, second.status].sort()).toEqual([200, 404]);
    expect((await server.client.post('/runner/lease', { as: token })).status).toBe(401);
    expect(await names()).not.toContain('gone');
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['runner.created', 'runner.revoked']);
  });

  it.each([
    ['no name', {}, { name: ['is_blank'] }],
    ['a blank one', { name: ' ' }, { name: ['is_blank'] }],
    ['one of two lines', { name: 'a\nb' }, { name: ['invalid_format'] }],
    ['a token of its own', { name: 'a', token: 'ctr_mine' }, { token: ['unknown_field'] }],
  ])('with %s is refused', async (_what, json, error) => {
    const answer = await create(json);
    expect([answer.status, answer.json]).toEqual([403, { error }]);
  });

  it('is the business of admins of its organisation', async () => {
    const { id_str: id } = (await create({ name: 'own' })).json.response;
    const stranger = (await server.createAccount('owner')).apiKey;
    const member = (await server.createAccount('member', { org: admin.orgId })).apiKey;
    expect(await names(stranger)).toEqual([]);
    expect((await server.client.delete(`/runners/${id}`, { as: stranger })).status).toBe(404);
    for (const wrong of ['x', '0', '9223372036854775808'])
      expect((await server.client.delete(`/runners/${wrong}`, { as: admin.apiKey })).status).toBe(404);
    expect((await create({ name: 'x' }, member)).status).toBe(403);
    expect((await server.client.delete(`/runners/${id}`, { as: member })).status).toBe(403);
    expect(await names()).toContain('own');
  });

  it('of a suspended organisation is refused', async () => {
    const other = await server.createAccount('admin');
    const { token } = (await create({ name: 'x' }, other.apiKey)).json.response;
    const change = server.deps.db.updateTable('organisations').where('id', '=', other.orgId);
    await change.set({ suspended_at: new Date() }).execute();
    const answer = await server.client.post('/runner/lease', { as: token });
    expect([answer.status, answer.json]).toEqual([401, { error: { generic: ['account_suspended'] } }]);
  });
});
