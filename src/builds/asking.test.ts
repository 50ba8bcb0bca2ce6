import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { addCollaborator } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openWorkbench, type Workbench } from '../testing/workbench.ts';

let server: TestServer;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openWorkbench(server);
});

describe('asking for a build', () => {
  it.each([
    ['a ref like an option', { ref: '--upload-pack=touch /tmp/pwned' }, { ref: ['invalid_format'] }],
    ['no ref', {}, { ref: ['is_blank'] }],
    ['an empty one', { ref: '' }, { ref: ['is_blank'] }],
    ['a field too many', { ref: 'main', branch: 'x' }, { branch: ['unknown_field'] }],
  ])('refuses %s', async (_what, json, error) => {
    const answer = await bench.ask(json);
    expect([answer.status, answer.json]).toEqual([403, { error }]);
    expect(await bench.runner.lease()).toBeNull();
  });

  it('answers a repetition with the same Idempotency-Key the same, and asks once', async () => {
    const headers = { 'Idempotency-Key': 'build once' };
    const path = `/projects/${bench.project}/build_requests`;
    const post = () => server.client.post(path, { as: bench.account.apiKey, headers, json: { ref: 'main' } });
    const [first, second] = [await post(), await post()];
    expect(second.json).toEqual(first.json);
    expect(await bench.get(path)).toHaveLength(1);
  });

  it('lists requests newest first, in pages', async () => {
    const ids = [await bench.asked(), await bench.asked(), await bench.asked()];
    const first = await server.client.get(`/projects/${bench.project}/build_requests?limit=2`, {
      as: bench.account.apiKey,
    });
    const next = /^<([^>]+)>/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: bench.account.apiKey });
    const shown = [first, second].map(({ json }) => json.response.map(({ id_str }: { id_str: string }) => id_str));
    expect(shown).toEqual([[ids[2], ids[1]], [ids[0]]]);
  });

  it('is refused for a project whose owner owes money', async () => {
    const org = server.deps.db.updateTable('organisations').where('id', '=', bench.account.orgId);
    const id = await bench.resolved();
    await org.set({ billing: 'overdue' }).execute();
    expect((await bench.ask()).status).toBe(402);
    expect((await bench.act(id, 'retry')).status).toBe(402);
    expect(await bench.get(`/projects/${bench.project}/build_requests`)).toHaveLength(1);
  });
});

describe('collaborators', () => {
  let guest: NewAccount;
  beforeEach(async () => {
    guest = await server.createAccount('member');
    const target = { id: bench.project, organisation_id: bench.account.orgId };
    await addCollaborator(server.deps, target, { email: 'guest@example.com', user: guest.userId });
  });
  const asGuest = {
    get as() {
      return guest.apiKey;
    },
  };

  it('ask for builds, read, cancel and retry, though their own organisation owes money', async () => {
    await server.deps.db
      .updateTable('organisations')
      .set({ billing: 'overdue' })
      .where('id', '=', guest.orgId)
      .execute();
    const path = `/projects/${bench.project}/build_requests`;
    const { id_str: id } = (await server.client.post(path, { ...asGuest, json: { ref: 'main' } })).json.response;
    for (const read of [
      path,
      `/build_requests/${id}`,
      `/build_requests/${id}/builds`,
      `/projects/${bench.project}/commits`,
    ])
      expect((await server.client.get(read, asGuest)).status).toBe(200);
    expect((await server.client.post(`/build_requests/${id}/cancel`, asGuest)).status).toBe(200);
    expect((await server.client.post(`/build_requests/${id}/retry`, asGuest)).status).toBe(201);
  });

  it('publish nothing, not even by a retry of what somebody else asked for', async () => {
    await bench.addSuite({ name: 'build', artifact_path: 'dist' });
    await server.client.post('/api/products', { as: bench.account.apiKey, json: { name: 'Drums', slug: 'drums' } });
    const json = { ref: 'main', publish: { product_id: 'drums', version: '1.0.0' } };
    const refused = await server.client.post(`/projects/${bench.project}/build_requests`, { ...asGuest, json });
    expect([refused.status, refused.json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    const id = await bench.resolved(json);
    await bench.runner.finish(await bench.runner.take(), { exit_code: 1 });
    const retried = await server.client.post(`/build_requests/${id}/retry`, asGuest);
    expect([retried.status, retried.json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    expect(await bench.runner.lease()).toBeNull();
  });

  it('see nothing while the owner is suspended, and strangers never do', async () => {
    const id = await bench.asked();
    const stranger = (await server.createAccount('owner')).apiKey;
    for (const path of [`/build_requests/${id}`, `/build_requests/${id}/builds`, `/projects/${bench.project}/commits`])
      expect((await server.client.get(path, { as: stranger })).status).toBe(404);
    for (const what of ['cancel', 'retry'])
      expect((await server.client.post(`/build_requests/${id}/${what}`, { as: stranger })).status).toBe(404);
    await server.deps.db
      .updateTable('organisations')
      .set({ suspended_at: new Date() })
      .where('id', '=', bench.account.orgId)
      .execute();
    expect((await server.client.get(`/build_requests/${id}`, asGuest)).status).toBe(404);
    expect(
      (await server.client.post(`/projects/${bench.project}/build_requests`, { ...asGuest, json: { ref: 'x' } }))
        .status,
    ).toBe(404);
  });
});

it('ids that can be none are not found', async () => {
  for (const id of ['0', 'x', '9223372036854775808'])
    for (const path of [`/build_requests/${id}`, `/builds/${id}`, `/projects/${bench.project}/commits/${id}`])
      expect((await server.client.get(path, { as: bench.account.apiKey })).status).toBe(404);
});
