import { sign } from '@octokit/webhooks-methods';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { COMMIT, createRunner } from '../testing/builds.ts';
import { createTestProject } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('admin');
});
afterAll(() => server.stop());

let deliveries = 0;
const PUSH = { ref: 'refs/heads/main', after: COMMIT.ref, deleted: false };

interface Sent {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A project of its own, and how GitHub tells it of a push. */
async function hooked(branches: string[] = [], owner = account) {
  const { row, secret } = await createTestProject(server.deps, owner, { branches });
  const tell = async ({ body = JSON.stringify(PUSH), headers = {} }: Sent = {}) =>
    server.client.post(`/hooks/github/${row.id}`, {
      body,
      headers: {
        'Content-Type': 'application/json',
        'X-GitHub-Event': 'push',
        'X-GitHub-Delivery': `72d3162e-cc78-11e3-81ab-${++deliveries}`,
        'X-Hub-Signature-256': await sign(secret, body),
        ...headers,
      },
    });
  const requests = async () =>
    (await server.client.get(`/projects/${row.id}/build_requests`, { as: owner.apiKey })).json.response;
  return { id: row.id, secret, tell, requests };
}

describe('a push', () => {
  it('asks for a build of the branch, at the commit that was pushed', async () => {
    const { id, tell, requests } = await hooked(['main']);
    const { status, json } = await tell();
    const [request] = await requests();
    expect([status, json.response.outcome, json.response.build_request_id_str]).toEqual([
      200,
      'requested',
      request.id_str,
    ]);
    expect(request).toMatchObject({ source: 'github', ref: 'main', state: 'processing', project_id_str: id });
    const runner = await createRunner(server, account);
    const task = await runner.take();
    expect([task.kind, task.ref, task.commit]).toEqual(['resolve', 'main', COMMIT.ref]);
  });

  it('is read from the old form, too', async () => {
    const { tell, requests } = await hooked();
    const body = new URLSearchParams({ payload: JSON.stringify(PUSH) }).toString();
    const { json } = await tell({ body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    expect([json.response.outcome, (await requests()).length]).toEqual(['requested', 1]);
  });

  it('counts once, also when it comes twice at a time, or under another delivery id, which nobody signs', async () => {
    const { tell, requests } = await hooked();
    const answers = await Promise.all([tell(), tell(), tell({ headers: { 'X-GitHub-Delivery': '' } })]);
    const outcomes = answers.map(({ json }) => json.response.outcome);
    expect(outcomes.toSorted()).toEqual(['repeated', 'repeated', 'requested']);
    expect((await tell({ body: `${JSON.stringify(PUSH)} ` })).json.response.outcome).toBe('requested');
    expect((await (await hooked()).tell()).json.response.outcome).toBe('requested');
    expect((await requests()).length).toBe(2);
  });

  it('builds nothing where there is nothing to build', async () => {
    const { tell, requests } = await hooked(['release/*']);
    const outcome = async (sent: Sent) => (await tell(sent)).json.response.outcome;
    expect(await outcome({})).toBe('filtered');
    expect(await outcome({ body: JSON.stringify({ ...PUSH, ref: 'refs/tags/v1' }) })).toBe('no_branch');
    const gone = { ref: 'refs/heads/release/1', after: '0'.repeat(40), deleted: true };
    expect(await outcome({ body: JSON.stringify(gone) })).toBe('deleted');
    expect(await outcome({ headers: { 'X-GitHub-Event': 'ping' } })).toBe('pong');
    expect(await outcome({ headers: { 'X-GitHub-Event': 'issues' } })).toBe('other_event');
    expect(await requests()).toEqual([]);
  });

  it('is refused where the owner owes money', async () => {
    const owner = await server.createAccount('admin');
    const { tell, requests } = await hooked([], owner);
    await setStanding(server.deps, owner.orgId, { billing: 'overdue' });
    expect((await tell({ headers: { 'X-GitHub-Event': 'ping' } })).status).toBe(200);
    const { status, json } = await tell();
    expect([status, json]).toEqual([402, { error: { generic: ['payment_required'] } }]);
    expect(await requests()).toEqual([]);
  });
});

describe('what nobody signed', () => {
  const isRefused = ({ status, json }: { status: number; json: unknown }) =>
    expect([status, json]).toEqual([401, { error: { generic: ['unauthorized'] } }]);

  it('is refused, whatever it says', async () => {
    const { tell, requests, secret } = await hooked();
    for (const signature of ['', 'sha256=', `sha256=${'0'.repeat(64)}`, await sign(secret, 'other')])
      isRefused(await tell({ headers: { 'X-Hub-Signature-256': signature } }));
    isRefused(await tell({ body: '{', headers: { 'X-Hub-Signature-256': await sign(secret, '[') } }));
    isRefused(await server.client.post(`/hooks/github/1`, { body: '{}' }));
    expect(await requests()).toEqual([]);
  });

  it('is signed by another project, by the secret before, or for a project that is unknown', async () => {
    const [one, other] = [await hooked(), await hooked()];
    const signature = await sign(other.secret, JSON.stringify(PUSH));
    isRefused(await one.tell({ headers: { 'X-Hub-Signature-256': signature } }));
    await server.client.post(`/projects/${one.id}/hook_secret`, { as: account.apiKey });
    isRefused(await one.tell());
    const headers = { 'X-Hub-Signature-256': signature };
    for (const id of ['1', 'x', '9223372036854775808'])
      isRefused(await server.client.post(`/hooks/github/${id}`, { body: JSON.stringify(PUSH), headers }));
  });

  it('is what comes for a suspended owner', async () => {
    const owner = await server.createAccount('admin');
    const { tell } = await hooked([], owner);
    await setStanding(server.deps, owner.orgId, { suspended: true });
    isRefused(await tell());
  });
});

it('what is signed and cannot be read is refused', async () => {
  const { tell } = await hooked();
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  for (const sent of [
    { body: '{' },
    { body: 'x' },
    { body: 'payload=%7B', headers: form },
    { body: 'a=1', headers: form },
  ])
    expect((await tell(sent)).json).toEqual({ error: { generic: ['invalid_json'] } });
});
