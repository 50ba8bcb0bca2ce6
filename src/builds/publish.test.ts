import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requeuePublications } from '../build_requests/queries.ts';
import { openPackaging, type Packaging, PUBLISH } from '../testing/packaging.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let bench: Packaging;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openPackaging(server);
});

const ask = (publish: object = PUBLISH) => bench.ask({ ref: 'main', publish });
const jobs = async (id: string) =>
  (await sql`select from graphile_worker.jobs where key = ${`publish:${id}`}`.execute(server.deps.db)).rows.length;
const forgetJobs = () => sql`delete from graphile_worker._private_jobs`.execute(server.deps.db);

describe('publishing what was built', () => {
  it('happens once every build has succeeded, and once only', async () => {
    await bench.addSuite({ name: 'test' });
    const { id, task } = await bench.building();
    expect(task['build']).toMatchObject({ artifact_wanted: true, artifact_path: 'dist' });
    const second = await bench.runner.take();
    expect(second['build'].artifact_wanted).toBe(false);
    await bench.upload(task);
    await bench.runner.finish(task);
    expect([await jobs(id), await bench.versions()]).toEqual([0, []]);
    await bench.runner.finish(second);
    expect(await jobs(id)).toBe(1);
    expect(await bench.request(id)).toMatchObject({ state: 'processing', publish: PUBLISH });
    await Promise.all([bench.publish(id), bench.publish(id)]);
    await bench.publish(id);
    const published = await bench.versions();
    expect(published).toHaveLength(1);
    expect(await bench.request(id)).toMatchObject({
      state: 'processed',
      result: 'succeed',
      published_version_id_str: published[0]?.id,
    });
    const events = await server.deps.db
      .selectFrom('events')
      .select('type')
      .where('organisation_id', '=', bench.account.orgId)
      .where('type', 'in', ['version.created', 'build_request.processed'])
      .execute();
    expect(events.map(({ type }) => type).sort()).toEqual(['build_request.processed', 'version.created']);
    expect(await server.deps.db.selectFrom('build_artifacts').select('build_id').execute()).toEqual([]);
  });

  it('does not happen when a build fails, and happens by the retry', async () => {
    const { id, task } = await bench.building();
    await bench.upload(task);
    await bench.runner.finish(task, { exit_code: 1 });
    await bench.publish(id);
    expect([await jobs(id), await bench.versions()]).toEqual([0, []]);
    expect(await bench.request(id)).toMatchObject({ result: 'failed' });
    const retried = await bench.act(id, 'retry');
    const again = retried.json.response.id_str;
    const second = await bench.runner.take();
    await bench.upload(second);
    await bench.runner.finish(second);
    await bench.publish(again);
    expect(await bench.request(again)).toMatchObject({ result: 'succeed', publish: PUBLISH });
    expect(await bench.versions()).toHaveLength(1);
    const third = await bench.act(again, 'retry');
    expect(third.json.response).not.toHaveProperty('publish');
  });

  it('does not happen after a cancellation, though all was built', async () => {
    const id = await bench.built();
    const cancelled = await bench.act(id, 'cancel');
    expect(cancelled.json.response).toMatchObject({ result: 'cancelled', builds: [{ state: 'build_succeed' }] });
    await bench.publish(id);
    expect(await bench.versions()).toEqual([]);
    expect((await bench.commits())[0].build_state).toBe('succeed');
  });

  it('fails where the version was made meanwhile, with the same content or not; the builds stay good', async () => {
    const id = await bench.built();
    await server.publishSmall(bench.account, { product: 'drums', version: '1.1.0', files: { 'kick.wav': 'boom' } });
    await bench.publish(id);
    const { builds, ...ended } = await bench.request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed', error: 'already_exists' });
    expect(builds[0].state).toBe('build_succeed');
    expect(ended).not.toHaveProperty('published_version_id');
    expect(await bench.versions()).toHaveLength(1);
  });

  it('fails where the suites make another number of artifacts by then', async () => {
    const id = await bench.asked({ ref: 'main', publish: PUBLISH });
    await server.deps.db
      .updateTable('suites')
      .set({ artifact_path: null })
      .where('project_id', '=', bench.project)
      .execute();
    await bench.runner.resolve(await bench.runner.take());
    await bench.runner.finish(await bench.runner.take());
    await bench.publish(id);
    expect(await bench.request(id)).toMatchObject({ result: 'failed', error: 'artifact_missing' });
  });

  it('is queued again where its job gave up', async () => {
    await server.deps.db.deleteFrom('build_requests').where('organisation_id', '!=', bench.account.orgId).execute();
    const id = await bench.built();
    expect(await requeuePublications(server.deps.db)).toBe(0);
    await forgetJobs();
    expect(await requeuePublications(server.deps.db)).toBe(1);
    await bench.publish(id);
    await forgetJobs();
    expect(await requeuePublications(server.deps.db)).toBe(0);
  });
});

it('the worker publishes, and the version becomes the active one', async () => {
  const working = await startTestServer({ worker: true });
  try {
    const one = await openPackaging(working);
    const id = await one.built();
    const active = async () => {
      const { json } = await working.client.get('/api/products/drums', { as: one.account.apiKey });
      return json.product.activeVersionId;
    };
    await expect.poll(active, { timeout: 20_000 }).toBeDefined();
    const response = await one.request(id);
    expect(response).toMatchObject({ state: 'processed', result: 'succeed' });
    expect(await active()).toBe(response.published_version_id_str);
  } finally {
    await working.stop();
  }
});

describe('asking to publish', () => {
  it.each([
    ['an unknown product', { product_id: 'bass', version: '1.0.0' }, 404, { 'publish.product_id': ['not_found'] }],
    ['no version', { product_id: 'drums' }, 403, { 'publish.version': ['is_blank'] }],
    [
      'a version that can be none',
      { product_id: 'drums', version: '/' },
      403,
      { 'publish.version': ['invalid_format'] },
    ],
    ['a field too many', { ...PUBLISH, force: true }, 403, { 'publish.force': ['unknown_field'] }],
  ])('refuses %s', async (_what, publish, status, error) => {
    const answer = await ask(publish);
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });

  it('refuses a version that exists, and a project that makes no artifact or two', async () => {
    await server.publishSmall(bench.account, { product: 'drums', version: '1.1.0' });
    const taken = await ask();
    expect([taken.status, taken.json]).toEqual([403, { error: { 'publish.version': ['already_exists'] } }]);
    const free = { ...PUBLISH, version: '1.2.0' };
    await bench.addSuite({ name: 'second', artifact_path: 'out' });
    expect((await ask(free)).json).toEqual({ error: { publish: ['invalid_format'] } });
    await server.deps.db
      .updateTable('suites')
      .set({ artifact_path: null })
      .where('project_id', '=', bench.project)
      .execute();
    expect((await ask(free)).json).toEqual({ error: { publish: ['invalid_format'] } });
  });
});
