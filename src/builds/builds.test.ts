import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { COMMIT, createRunner, insertProject, insertSuite, type TestRunner } from '../testing/builds.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let member: NewAccount;
let runner: TestRunner;
let project: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
// An organisation for each test: what one leaves to be leased is not found by the next.
beforeEach(async () => {
  member = await server.createAccount('member');
  runner = await createRunner(server, member);
  project = await insertProject(server.deps, member.orgId);
});

const ask = (json: object = { ref: 'main' }) =>
  server.client.post(`/projects/${project}/build_requests`, { as: member.apiKey, json });
const asked = async (json?: object) => (await ask(json)).json.response;
const get = async (path: string) => (await server.client.get(path, { as: member.apiKey })).json.response;
const request = (id: string) => get(`/build_requests/${id}`);
const act = (id: string, what: 'cancel' | 'retry') =>
  server.client.post(`/build_requests/${id}/${what}`, { as: member.apiKey });
const commits = () => get(`/projects/${project}/commits`);
const projectState = async () => {
  const query = server.deps.db.selectFrom('projects').select('build_state').where('id', '=', project);
  return (await query.executeTakeFirstOrThrow()).build_state;
};

/** Types of the events since the organisation began, without those of other things. */
async function events(): Promise<string[]> {
  const rows = await server.deps.db
    .selectFrom('events')
    .select(['type', 'data'])
    .where('organisation_id', '=', member.orgId)
    .orderBy('id')
    .execute();
  return rows.map(({ type }) => type).filter((type) => /^(build|commit)/.test(type));
}

/** A request whose ref was looked up: its builds wait. */
async function resolved(json?: object): Promise<string> {
  const { id_str } = await asked(json);
  await runner.resolve(await runner.take());
  return id_str;
}

describe('a build request', () => {
  it('is looked up, built and ended', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'lint', secrets: { TOKEN: 'hush' } });
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    const created = await ask();
    const { id_str: id } = created.json.response;
    expect([created.status, created.headers.location]).toEqual([201, `${server.url}/build_requests/${id}`]);
    expect(created.json.response).toMatchObject({ state: 'processing', ref: 'main', source: 'api', builds: [] });
    expect(created.json.response).not.toHaveProperty('commit_id');
    expect(await projectState()).toBe('updating_repository');

    const look = await runner.take();
    expect(look).toMatchObject({ kind: 'resolve', ref: 'main', project_id_str: project, build_request_id_str: id });
    expect(look).not.toHaveProperty('build');
    expect((await runner.resolve(look)).json.response).toMatchObject({ id_str: look.id_str, state: 'done' });
    expect(await projectState()).toBe('updated');
    const [commit] = await commits();
    expect(commit).toMatchObject({ ref: COMMIT.ref, build_state: 'waiting_for_builds', scm_author_name: 'Ada' });
    const { builds } = await request(id);
    expect(builds.map(({ name, state }: never) => [name, state])).toEqual([
      ['lint', 'enqueued_for_build'],
      ['test', 'enqueued_for_build'],
    ]);

    const first = await runner.take();
    expect(first).toMatchObject({ kind: 'build', commit: COMMIT.ref, fence: 1 });
    expect(first['build']).toMatchObject({
      id_str: builds[0].id_str,
      command: 'run lint',
      environment: { CI: 'true' },
      secrets: { TOKEN: 'hush' },
      artifact_wanted: false,
      log_size: 0,
    });
    expect(await get(`/builds/${builds[0].id_str}`)).toMatchObject({ state: 'building', log_size: 0 });
    await runner.log(first, 0, 'all is well\n');
    await runner.finish(first);
    expect(await request(id)).toMatchObject({ state: 'processing' });
    await runner.finish(await runner.take());

    const ended = await request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'succeed', commit_id_str: commit.id_str });
    expect(ended.finished_at).toBeDefined();
    expect(await get(`/builds/${builds[0].id_str}`)).toMatchObject({
      state: 'build_succeed',
      exit_code: 0,
      log_size: 12,
      log_truncated: false,
    });
    expect(await get(`/projects/${project}/commits/${commit.id_str}`)).toMatchObject({ build_state: 'succeed' });
    expect(await runner.lease()).toBeNull();
    expect(await events()).toEqual([
      'build_request.processing',
      ...['build.enqueued_for_build', 'build.enqueued_for_build', 'commit.waiting_for_builds'],
      ...['build.building', 'build.build_succeed', 'build.building', 'build.build_succeed'],
      ...['commit.succeed', 'build_request.processed'],
    ]);
  });

  it('fails with any of its builds, once all have ended', async () => {
    for (const name of ['bad', 'good']) await insertSuite(server.deps, member.orgId, project, { name });
    const id = await resolved();
    await runner.finish(await runner.take(), { exit_code: 2 });
    expect(await request(id)).toMatchObject({ state: 'processing' });
    await runner.finish(await runner.take());
    const { builds, ...ended } = await request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed' });
    expect(await get(`/builds/${builds[0].id_str}`)).toMatchObject({ failure: 'exit_code', exit_code: 2 });
    expect((await commits())[0].build_state).toBe('failed');
    expect((await events()).slice(-3)).toEqual(['build.build_succeed', 'commit.failed', 'build_request.processed']);
  });

  it('has nothing to build without suites', async () => {
    const id = await resolved();
    expect(await request(id)).toMatchObject({ state: 'failed_no_suites', builds: [] });
    expect((await commits())[0].build_state).toBe('failed_no_suites');
    expect(await runner.lease()).toBeNull();
    expect(await events()).toEqual([
      ...['build_request.processing', 'commit.failed_no_suites', 'build_request.failed_no_suites'],
    ]);
  });

  it.each([
    ['ref_not_found', 'update_repository_errored'],
    ['timeout', 'update_repository_timeout'],
  ])('ends where its ref is not found: %s', async (code, state) => {
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    const { id_str: id } = await asked();
    await runner.resolve(await runner.take(), { error: { code, message: 'It is not there.' } });
    const ended = await request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed', error: code, message: 'It is not there.' });
    expect([await projectState(), await commits()]).toEqual([state, []]);
  });

  it('knows a commit again', async () => {
    await resolved();
    const [before] = await commits();
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    await resolved();
    const after = await commits();
    expect(after).toEqual([{ ...before, build_state: 'waiting_for_builds' }]);
  });

  it('ends once when its last two builds end at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await insertSuite(server.deps, member.orgId, project, { name });
    const id = await resolved();
    const tasks = [await runner.take(), await runner.take(), await runner.take(), await runner.take()];
    const answers = await Promise.all(tasks.map((task) => runner.finish(task)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await request(id)).toMatchObject({ state: 'processed', result: 'succeed' });
    expect((await events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
  });

  it('pins the host keys that are found first', async () => {
    const hosts = async () => {
      const query = server.deps.db.selectFrom('projects').select('known_hosts').where('id', '=', project);
      return (await query.executeTakeFirstOrThrow()).known_hosts;
    };
    await asked();
    const task = await runner.take();
    expect(task).not.toHaveProperty('known_hosts');
    await runner.resolve(task, { commit: COMMIT, known_hosts: 'host key' });
    await asked();
    const second = await runner.take();
    expect(second['known_hosts']).toBe('host key');
    await runner.resolve(second, { commit: COMMIT, known_hosts: 'another' });
    expect(await hosts()).toBe('host key');
  });
});

describe('asking for a build', () => {
  it.each([
    ['a ref like an option', { ref: '--upload-pack=touch /tmp/pwned' }, { ref: ['invalid_format'] }],
    ['no ref', {}, { ref: ['is_blank'] }],
    ['an empty one', { ref: '' }, { ref: ['is_blank'] }],
    ['a field too many', { ref: 'main', branch: 'x' }, { branch: ['unknown_field'] }],
  ])('refuses %s', async (_what, json, error) => {
    const answer = await ask(json);
    expect([answer.status, answer.json]).toEqual([403, { error }]);
    expect(await runner.lease()).toBeNull();
  });

  it('answers a repetition with the same Idempotency-Key the same, and asks once', async () => {
    const headers = { 'Idempotency-Key': 'build once' };
    const path = `/projects/${project}/build_requests`;
    const post = () => server.client.post(path, { as: member.apiKey, headers, json: { ref: 'main' } });
    const [first, second] = [await post(), await post()];
    expect(second.json).toEqual(first.json);
    expect(await get(path)).toHaveLength(1);
  });

  it('lists requests newest first, in pages', async () => {
    const ids = [(await asked()).id_str, (await asked()).id_str, (await asked()).id_str];
    const first = await server.client.get(`/projects/${project}/build_requests?limit=2`, { as: member.apiKey });
    const next = /^<([^>]+)>/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: member.apiKey });
    const shown = [first, second].map(({ json }) => json.response.map(({ id_str }: { id_str: string }) => id_str));
    expect(shown).toEqual([[ids[2], ids[1]], [ids[0]]]);
  });

  it('is refused for a project whose owner owes money', async () => {
    const org = server.deps.db.updateTable('organisations').where('id', '=', member.orgId);
    const id = await resolved();
    await org.set({ billing: 'overdue' }).execute();
    expect((await ask()).status).toBe(402);
    expect((await act(id, 'retry')).status).toBe(402);
    expect(await get(`/projects/${project}/build_requests`)).toHaveLength(1);
  });
});

describe('cancelling', () => {
  it('ends a request whose ref is being looked up, whatever the runner finds', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    const { id_str: id } = await asked();
    const task = await runner.take();
    const cancelled = await act(id, 'cancel');
    expect([cancelled.status, cancelled.json.response.result]).toEqual([200, 'cancelled']);
    expect((await runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(true);
    expect((await runner.resolve(task)).status).toBe(200);
    expect(await request(id)).toMatchObject({ state: 'processed', result: 'cancelled', builds: [] });
    expect([await commits(), await runner.lease(), await projectState()]).toEqual([[], null, 'new']);
  });

  it('keeps what waits from running, tells the runner of what runs, and lets it change nothing', async () => {
    for (const name of ['running', 'waiting']) await insertSuite(server.deps, member.orgId, project, { name });
    const id = await resolved();
    const task = await runner.take();
    expect((await runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(false);
    const { builds, ...cancelled } = (await act(id, 'cancel')).json.response;
    expect(cancelled).toMatchObject({ state: 'processed', result: 'cancelled' });
    expect(builds.map(({ state }: { state: string }) => state)).toEqual(['build_failed', 'build_failed']);
    expect(await runner.lease()).toBeNull();
    expect((await runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(true);
    expect((await runner.log(task, 0, 'late')).status).toBe(409);
    expect((await runner.finish(task)).status).toBe(200);
    const build = await get(`/builds/${builds[0].id_str}`);
    expect(build).toMatchObject({ state: 'build_failed', failure: 'cancelled', log_size: 0 });
    expect((await commits())[0].build_state).toBe('failed');
    expect((await events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
    expect((await runner.finish(task)).status).toBe(409);
  });

  it('changes nothing the second time, and is refused after another end', async () => {
    const { id_str: id } = await asked();
    const [first, second] = [await act(id, 'cancel'), await act(id, 'cancel')];
    expect([second.status, second.json]).toEqual([200, first.json]);
    expect((await events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
    const ended = await resolved();
    const refused = await act(ended, 'cancel');
    expect([refused.status, refused.json]).toEqual([409, { error: { build_request_id: ['conflict'] } }]);
  });

  it('and the end of the build at the same moment leave one of the two', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    for (let round = 0; round < 5; round++) {
      const id = await resolved();
      const task = await runner.take();
      const [cancelled, finished] = await Promise.all([act(id, 'cancel'), runner.finish(task)]);
      const { result, builds } = await request(id);
      expect(finished.status).toBe(200);
      expect([cancelled.status, result, builds[0].state]).toEqual(
        cancelled.status === 200 ? [200, 'cancelled', 'build_failed'] : [409, 'succeed', 'build_succeed'],
      );
    }
  });
});

describe('a retry', () => {
  it('builds the same commit with the suites of now, without another look', async () => {
    const suite = await insertSuite(server.deps, member.orgId, project, { name: 'flaky' });
    const id = await resolved();
    await runner.finish(await runner.take(), { exit_code: 1 });
    await server.deps.db.updateTable('suites').set({ name: 'solid' }).where('id', '=', suite).execute();
    const answer = await act(id, 'retry');
    const { id_str: again, ...retried } = answer.json.response;
    expect([answer.status, answer.headers.location]).toEqual([201, `${server.url}/build_requests/${again}`]);
    expect(retried).toMatchObject({ retry_of_str: id, state: 'processing', commit_id_str: expect.any(String) });
    expect(retried.builds).toMatchObject([{ name: 'solid', state: 'enqueued_for_build' }]);
    await runner.finish(await runner.take());
    expect(await request(again)).toMatchObject({ result: 'succeed' });
    expect(await request(id)).toMatchObject({ result: 'failed' });
    expect((await commits())[0].build_state).toBe('succeed');
  });

  it('looks again where there is no commit, and waits for the end of the first', async () => {
    const { id_str: id } = await asked({ ref: 'feature/x' });
    expect((await act(id, 'retry')).json).toEqual({ error: { build_request_id: ['conflict'] } });
    await runner.resolve(await runner.take(), { error: { code: 'repository_unreachable' } });
    expect((await act(id, 'retry')).status).toBe(201);
    expect(await runner.take()).toMatchObject({ kind: 'resolve', ref: 'feature/x' });
  });
});

describe('collaborators', () => {
  let guest: NewAccount;
  beforeEach(async () => {
    guest = await server.createAccount('member');
    const { db, ids } = server.deps;
    const row = { id: ids.next(), organisation_id: member.orgId, project_id: project, email: 'guest@example.com' };
    await db
      .insertInto('collaborators')
      .values({ ...row, user_id: guest.userId, accepted_at: new Date() })
      .execute();
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
    const path = `/projects/${project}/build_requests`;
    const { id_str: id } = (await server.client.post(path, { ...asGuest, json: { ref: 'main' } })).json.response;
    for (const read of [path, `/build_requests/${id}`, `/build_requests/${id}/builds`, `/projects/${project}/commits`])
      expect((await server.client.get(read, asGuest)).status).toBe(200);
    expect((await server.client.post(`/build_requests/${id}/cancel`, asGuest)).status).toBe(200);
    expect((await server.client.post(`/build_requests/${id}/retry`, asGuest)).status).toBe(201);
  });

  it('publish nothing, not even by a retry of what somebody else asked for', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'build', artifact_path: 'dist' });
    await server.client.post('/api/products', { as: member.apiKey, json: { name: 'Drums', slug: 'drums' } });
    const json = { ref: 'main', publish: { product_id: 'drums', version: '1.0.0' } };
    const refused = await server.client.post(`/projects/${project}/build_requests`, { ...asGuest, json });
    expect([refused.status, refused.json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    const id = await resolved(json);
    await runner.finish(await runner.take(), { exit_code: 1 });
    const retried = await server.client.post(`/build_requests/${id}/retry`, asGuest);
    expect([retried.status, retried.json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    expect(await runner.lease()).toBeNull();
  });

  it('see nothing while the owner is suspended, and strangers never do', async () => {
    const { id_str: id } = await asked();
    const stranger = (await server.createAccount('owner')).apiKey;
    for (const path of [`/build_requests/${id}`, `/build_requests/${id}/builds`, `/projects/${project}/commits`])
      expect((await server.client.get(path, { as: stranger })).status).toBe(404);
    for (const what of ['cancel', 'retry'])
      expect((await server.client.post(`/build_requests/${id}/${what}`, { as: stranger })).status).toBe(404);
    await server.deps.db
      .updateTable('organisations')
      .set({ suspended_at: new Date() })
      .where('id', '=', member.orgId)
      .execute();
    expect((await server.client.get(`/build_requests/${id}`, asGuest)).status).toBe(404);
    expect(
      (await server.client.post(`/projects/${project}/build_requests`, { ...asGuest, json: { ref: 'x' } })).status,
    ).toBe(404);
  });
});

it('ids that can be none are not found', async () => {
  for (const id of ['0', 'x', '9223372036854775808'])
    for (const path of [`/build_requests/${id}`, `/builds/${id}`, `/projects/${project}/commits/${id}`])
      expect((await server.client.get(path, { as: member.apiKey })).status).toBe(404);
});
