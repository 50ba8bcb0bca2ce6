import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMIT } from '../testing/builds.ts';
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

describe('a build request', () => {
  it('is looked up, built and ended', async () => {
    await bench.addSuite({ name: 'lint', secrets: { TOKEN: 'hush' } });
    await bench.addSuite({ name: 'test' });
    const created = await bench.ask();
    const { id_str: id } = created.json.response;
    expect([created.status, created.headers.location]).toEqual([201, `${server.url}/build_requests/${id}`]);
    expect(created.json.response).toMatchObject({ state: 'processing', ref: 'main', source: 'api', builds: [] });
    expect(created.json.response).not.toHaveProperty('commit_id');
    expect(await bench.projectState()).toBe('updating_repository');

    const look = await bench.runner.take();
    expect(look).toMatchObject({
      kind: 'resolve',
      ref: 'main',
      project_id_str: bench.project,
      build_request_id_str: id,
    });
    expect(look).not.toHaveProperty('build');
    expect((await bench.runner.resolve(look)).json.response).toMatchObject({ id_str: look.id_str, state: 'done' });
    expect(await bench.projectState()).toBe('updated');
    const [commit] = await bench.commits();
    expect(commit).toMatchObject({ ref: COMMIT.ref, build_state: 'waiting_for_builds', scm_author_name: 'Ada' });
    const { builds } = await bench.request(id);
    expect(builds.map(({ name, state }: never) => [name, state])).toEqual([
      ['lint', 'enqueued_for_build'],
      ['test', 'enqueued_for_build'],
    ]);

    const first = await bench.runner.take();
    expect(first).toMatchObject({ kind: 'build', commit: COMMIT.ref, fence: 1 });
    expect(first['build']).toMatchObject({
      id_str: builds[0].id_str,
      command: 'run lint',
      environment: { CI: 'true' },
      secrets: { TOKEN: 'hush' },
      artifact_wanted: false,
      log_size: 0,
    });
    expect(await bench.get(`/builds/${builds[0].id_str}`)).toMatchObject({ state: 'building', log_size: 0 });
    await bench.runner.log(first, 0, 'all is well\n');
    await bench.runner.finish(first);
    expect(await bench.request(id)).toMatchObject({ state: 'processing' });
    await bench.runner.finish(await bench.runner.take());

    const ended = await bench.request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'succeed', commit_id_str: commit.id_str });
    expect(ended.finished_at).toBeDefined();
    expect(await bench.get(`/builds/${builds[0].id_str}`)).toMatchObject({
      state: 'build_succeed',
      exit_code: 0,
      log_size: 12,
      log_truncated: false,
    });
    expect(await bench.get(`/projects/${bench.project}/commits/${commit.id_str}`)).toMatchObject({
      build_state: 'succeed',
    });
    expect(await bench.runner.lease()).toBeNull();
    expect(await bench.events()).toEqual([
      'build_request.processing',
      ...['build.enqueued_for_build', 'build.enqueued_for_build', 'commit.waiting_for_builds'],
      ...['build.building', 'build.build_succeed', 'build.building', 'build.build_succeed'],
      ...['commit.succeed', 'build_request.processed'],
    ]);
  });

  it('fails with any of its builds, once all have ended', async () => {
    for (const name of ['bad', 'good']) await bench.addSuite({ name });
    const id = await bench.resolved();
    await bench.runner.finish(await bench.runner.take(), { exit_code: 2 });
    expect(await bench.request(id)).toMatchObject({ state: 'processing' });
    await bench.runner.finish(await bench.runner.take());
    const { builds, ...ended } = await bench.request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed' });
    expect(await bench.get(`/builds/${builds[0].id_str}`)).toMatchObject({ failure: 'exit_code', exit_code: 2 });
    expect((await bench.commits())[0].build_state).toBe('failed');
    expect((await bench.events()).slice(-3)).toEqual([
      'build.build_succeed',
      'commit.failed',
      'build_request.processed',
    ]);
  });

  it('has nothing to build without suites', async () => {
    const id = await bench.resolved();
    expect(await bench.request(id)).toMatchObject({ state: 'failed_no_suites', builds: [] });
    expect((await bench.commits())[0].build_state).toBe('failed_no_suites');
    expect(await bench.runner.lease()).toBeNull();
    expect(await bench.events()).toEqual([
      ...['build_request.processing', 'commit.failed_no_suites', 'build_request.failed_no_suites'],
    ]);
  });

  it.each([
    ['ref_not_found', 'update_repository_errored'],
    ['timeout', 'update_repository_timeout'],
  ])('ends where its ref is not found: %s', async (code, state) => {
    await bench.addSuite({ name: 'test' });
    const id = await bench.asked();
    await bench.runner.resolve(await bench.runner.take(), { error: { code, message: 'It is not there.' } });
    const ended = await bench.request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed', error: code, message: 'It is not there.' });
    expect([await bench.projectState(), await bench.commits()]).toEqual([state, []]);
  });

  it('knows a commit again', async () => {
    await bench.resolved();
    const [before] = await bench.commits();
    await bench.addSuite({ name: 'test' });
    await bench.resolved();
    const after = await bench.commits();
    expect(after).toEqual([{ ...before, build_state: 'waiting_for_builds' }]);
  });

  it('ends once when its last two builds end at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await bench.addSuite({ name });
    const id = await bench.resolved();
    const tasks = [
      await bench.runner.take(),
      await bench.runner.take(),
      await bench.runner.take(),
      await bench.runner.take(),
    ];
    const answers = await Promise.all(tasks.map((task) => bench.runner.finish(task)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await bench.request(id)).toMatchObject({ state: 'processed', result: 'succeed' });
    expect((await bench.events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
  });

  it('pins the host keys that are found first', async () => {
    const hosts = async () => {
      const query = server.deps.db.selectFrom('projects').select('known_hosts').where('id', '=', bench.project);
      return (await query.executeTakeFirstOrThrow()).known_hosts;
    };
    await bench.asked();
    const task = await bench.runner.take();
    expect(task).not.toHaveProperty('known_hosts');
    await bench.runner.resolve(task, { commit: COMMIT, known_hosts: 'host key' });
    await bench.asked();
    const second = await bench.runner.take();
    expect(second['known_hosts']).toBe('host key');
    await bench.runner.resolve(second, { commit: COMMIT, known_hosts: 'another' });
    expect(await hosts()).toBe('host key');
  });
});
