import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let member: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  member = await server.createAccount('member');
});
afterAll(() => server.stop());

const PATH = '/user/notifications';
const get = async ({ apiKey }: NewAccount) => (await server.client.get(PATH, { as: apiKey })).json.response;
const put = (json: object) => server.client.put(PATH, { as: member.apiKey, json });

it('are off until the user says otherwise, for that user alone', async () => {
  const colleague = await server.createAccount('member', { org: member.orgId });
  expect(await get(member)).toEqual({ builds: 'none' });
  for (const builds of ['all', 'failures', 'none', 'all']) {
    const { status, json } = await put({ builds });
    expect([status, json]).toEqual([200, { response: { builds } }]);
    expect(await get(member)).toEqual({ builds });
  }
  expect(await get(colleague)).toEqual({ builds: 'none' });
  const events = server.deps.db.selectFrom('events').select(['user_id', 'data']);
  const changed = await events.where('type', '=', 'user.notifications_changed').orderBy('id', 'desc').execute();
  expect(changed).toHaveLength(4);
  expect(changed[0]).toEqual({ user_id: member.userId, data: { builds: 'all' } });
});

it.each([
  [{}, 'builds', 'is_blank'],
  [{ builds: 'some' }, 'builds', 'invalid_format'],
  [{ builds: 'all', mails: 'all' }, 'mails', 'unknown_field'],
])('refuse %j', async (json, field, code) => {
  const answer = await put(json);
  expect([answer.status, answer.json]).toEqual([403, { error: { [field]: [code] } }]);
});
