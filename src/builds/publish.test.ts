import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requeuePublications } from '../build_requests/queries.ts';
import { productHash } from '../manifests/product_hash.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sweepPacks } from '../packs/sweep.ts';
import {
  createRunner,
  insertProject,
  insertSuite,
  leaseHeaders,
  type TestRunner,
  type TestTask,
} from '../testing/builds.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { publishBuildRequest } from './tasks.ts';

let server: TestServer;
let member: NewAccount;
let runner: TestRunner;
let project: string;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  member = await server.createAccount('member');
  runner = await createRunner(server, member);
  project = await insertProject(server.deps, member.orgId);
  await insertSuite(server.deps, member.orgId, project, { name: 'package', artifact_path: 'dist' });
  await server.client.post('/api/products', { as: member.apiKey, json: { name: 'Drums', slug: 'drums' } });
});

const PUBLISH = { product_id: 'drums', version: '1.1.0', activate: true };
const ask = (publish: object = PUBLISH) =>
  server.client.post(`/projects/${project}/build_requests`, { as: member.apiKey, json: { ref: 'main', publish } });
const get = async (path: string) => (await server.client.get(path, { as: member.apiKey })).json;
const request = async (id: string) => (await get(`/build_requests/${id}`)).response;
const versions = async () => (await get('/api/products/drums/versions')) as { id: string; version: string }[];
const jobs = async (id: string) =>
  (await sql`select from graphile_worker.jobs where key = ${`publish:${id}`}`.execute(server.deps.db)).rows.length;
const forgetJobs = () => sql`delete from graphile_worker._private_jobs`.execute(server.deps.db);
const publish = (id: string) => publishBuildRequest(server.deps, { organisationId: member.orgId, buildRequestId: id });

/** A request whose one build a runner has begun. */
async function building(): Promise<{ id: string; task: TestTask }> {
  const { id_str: id } = (await ask()).json.response;
  await runner.resolve(await runner.take());
  return { id, task: await runner.take() };
}

const { pack, manifest } = packSmall({ 'kick.wav': 'boom' });
const content = { product_hash: productHash(manifest.files), manifest };
const hash = sha256(pack);

async function upload(task: TestTask): Promise<void> {
  const missing = await runner.call('post', task, 'pack_check', { json: { pack_hashes: [hash] } });
  expect(missing.status).toBe(200);
  const stored = await runner.call('put', task, `packs/${hash}`, { body: pack });
  expect([stored.status, stored.json]).toEqual([200, { response: { sha256: hash, size: pack.length } }]);
  const sent = await runner.call('post', task, 'artifact', { json: content });
  expect([sent.status, sent.json.response.file_count]).toEqual([200, 1]);
}

/** All builds have succeeded; the publication waits for its job. */
async function built(): Promise<string> {
  const { id, task } = await building();
  await upload(task);
  expect((await runner.finish(task)).status).toBe(200);
  return id;
}

describe('publishing what was built', () => {
  it('happens once every build has succeeded, and once only', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    const { id, task } = await building();
    expect(task['build']).toMatchObject({ artifact_wanted: true, artifact_path: 'dist' });
    const second = await runner.take();
    expect(second['build'].artifact_wanted).toBe(false);
    await upload(task);
    await runner.finish(task);
    expect([await jobs(id), await versions()]).toEqual([0, []]);
    await runner.finish(second);
    expect(await jobs(id)).toBe(1);
    expect(await request(id)).toMatchObject({ state: 'processing', publish: PUBLISH });
    await Promise.all([publish(id), publish(id)]);
    await publish(id);
    const published = await versions();
    expect(published).toHaveLength(1);
    expect(await request(id)).toMatchObject({
      state: 'processed',
      result: 'succeed',
      published_version_id_str: published[0]?.id,
    });
    const events = await server.deps.db
      .selectFrom('events')
      .select('type')
      .where('organisation_id', '=', member.orgId)
      .where('type', 'in', ['version.created', 'build_request.processed'])
      .execute();
    expect(events.map(({ type }) => type).sort()).toEqual(['build_request.processed', 'version.created']);
    expect(await server.deps.db.selectFrom('build_artifacts').select('build_id').execute()).toEqual([]);
  });

  it('does not happen when a build fails, and happens by the retry', async () => {
    const { id, task } = await building();
    await upload(task);
    await runner.finish(task, { exit_code: 1 });
    await publish(id);
    expect([await jobs(id), await versions()]).toEqual([0, []]);
    expect(await request(id)).toMatchObject({ result: 'failed' });
    const retried = await server.client.post(`/build_requests/${id}/retry`, { as: member.apiKey });
    const again = retried.json.response.id_str;
    const second = await runner.take();
    await upload(second);
    await runner.finish(second);
    await publish(again);
    expect(await request(again)).toMatchObject({ result: 'succeed', publish: PUBLISH });
    expect(await versions()).toHaveLength(1);
    const third = await server.client.post(`/build_requests/${again}/retry`, { as: member.apiKey });
    expect(third.json.response).not.toHaveProperty('publish');
  });

  it('does not happen after a cancellation, though all was built', async () => {
    const id = await built();
    const cancelled = await server.client.post(`/build_requests/${id}/cancel`, { as: member.apiKey });
    expect(cancelled.json.response).toMatchObject({ result: 'cancelled', builds: [{ state: 'build_succeed' }] });
    await publish(id);
    expect(await versions()).toEqual([]);
    expect((await get(`/projects/${project}/commits`)).response[0].build_state).toBe('succeed');
  });

  it('fails where the version was made meanwhile, with the same content or not; the builds stay good', async () => {
    const id = await built();
    await server.publishSmall(member, { product: 'drums', version: '1.1.0', files: { 'kick.wav': 'boom' } });
    await publish(id);
    const { builds, ...ended } = await request(id);
    expect(ended).toMatchObject({ state: 'processed', result: 'failed', error: 'already_exists' });
    expect(builds[0].state).toBe('build_succeed');
    expect(ended).not.toHaveProperty('published_version_id');
    expect(await versions()).toHaveLength(1);
  });

  it('fails where the suites make another number of artifacts by then', async () => {
    const { id_str: id } = (await ask()).json.response;
    await server.deps.db.updateTable('suites').set({ artifact_path: null }).where('project_id', '=', project).execute();
    await runner.resolve(await runner.take());
    await runner.finish(await runner.take());
    await publish(id);
    expect(await request(id)).toMatchObject({ result: 'failed', error: 'artifact_missing' });
  });

  it('is queued again where its job gave up', async () => {
    await server.deps.db.deleteFrom('build_requests').where('organisation_id', '!=', member.orgId).execute();
    const id = await built();
    expect(await requeuePublications(server.deps.db)).toBe(0);
    await forgetJobs();
    expect(await requeuePublications(server.deps.db)).toBe(1);
    await publish(id);
    await forgetJobs();
    expect(await requeuePublications(server.deps.db)).toBe(0);
  });
});

it('the worker publishes, and the version becomes the active one', async () => {
  const working = await startTestServer({ worker: true });
  try {
    const account = await working.createAccount('member');
    const own = await createRunner(working, account);
    const id = await insertProject(working.deps, account.orgId);
    await insertSuite(working.deps, account.orgId, id, { name: 'package', artifact_path: 'dist' });
    await working.client.post('/api/products', { as: account.apiKey, json: { name: 'Drums', slug: 'drums' } });
    const json = { ref: 'main', publish: PUBLISH };
    await working.client.post(`/projects/${id}/build_requests`, { as: account.apiKey, json });
    await own.resolve(await own.take());
    const task = await own.take();
    await own.call('put', task, `packs/${hash}`, { body: pack });
    await own.call('post', task, 'artifact', { json: content });
    await own.finish(task);
    const active = async () => {
      const { json } = await working.client.get('/api/products/drums', { as: account.apiKey });
      return json.product.activeVersionId;
    };
    await expect.poll(active, { timeout: 20_000 }).toBeDefined();
    const path = `/build_requests/${task['build_request_id_str']}`;
    const { response } = (await working.client.get(path, { as: account.apiKey })).json;
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
    await server.publishSmall(member, { product: 'drums', version: '1.1.0' });
    const taken = await ask();
    expect([taken.status, taken.json]).toEqual([403, { error: { 'publish.version': ['already_exists'] } }]);
    const free = { ...PUBLISH, version: '1.2.0' };
    await insertSuite(server.deps, member.orgId, project, { name: 'second', artifact_path: 'out' });
    expect((await ask(free)).json).toEqual({ error: { publish: ['invalid_format'] } });
    await server.deps.db.updateTable('suites').set({ artifact_path: null }).where('project_id', '=', project).execute();
    expect((await ask(free)).json).toEqual({ error: { publish: ['invalid_format'] } });
  });
});

describe('an artifact', () => {
  it('that was not sent fails the build', async () => {
    const { id, task } = await building();
    await runner.finish(task);
    const { builds, result } = await request(id);
    const build = (await get(`/builds/${builds[0].id_str}`)).response;
    expect([result, build.state, build.failure, build.exit_code]).toEqual(['failed', 'build_failed', 'artifact', 0]);
  });

  it('of which a pack is not stored is refused by name', async () => {
    const { task } = await building();
    const other = packSmall({ 'nobody.txt': 'sent this' }).manifest;
    const json = { product_hash: productHash(other.files), manifest: other };
    const answer = await runner.call('post', task, 'artifact', { json });
    expect([answer.status, answer.json]).toEqual([409, { error: { 'manifest.packs.0': ['conflict'] } }]);
  });

  it.each([
    ['another hash', { ...content, product_hash: '0'.repeat(64) }, { product_hash: ['invalid_format'] }],
    ['no hash', { manifest }, { product_hash: ['is_blank'] }],
    ['a product', { ...content, productId: 'drums' }, { productId: ['unknown_field'] }],
    ['a path out of the folder', withPath('../x'), { 'manifest.files.0.path': ['invalid_format'] }],
  ])('with %s is refused', async (_what, json, error) => {
    const { task } = await building();
    await runner.call('put', task, `packs/${hash}`, { body: pack });
    const answer = await runner.call('post', task, 'artifact', { body: JSON.stringify(json) });
    expect([answer.status, answer.json]).toEqual([403, { error }]);
  });

  it('is taken under the lease of a build that is to be published, and no other', async () => {
    await insertSuite(server.deps, member.orgId, project, { name: 'test' });
    const { task } = await building();
    const unwanted = await runner.take();
    await upload(task);
    const ways = (headers: object, id: string) => [
      () =>
        server.client.post(`/runner/tasks/${id}/pack_check`, {
          as: runner.token,
          json: { pack_hashes: [hash] },
          ...headers,
        }),
      () => server.client.put(`/runner/tasks/${id}/packs/${hash}`, { as: runner.token, body: pack, ...headers }),
      () => server.client.post(`/runner/tasks/${id}/artifact`, { as: runner.token, json: content, ...headers }),
    ];
    const stale = { headers: { ...leaseHeaders(task), Fence: '7' } };
    for (const way of [...ways({ headers: leaseHeaders(unwanted) }, unwanted.id_str), ...ways(stale, task.id_str)])
      expect((await way()).status).toBe(409);
    await server.client.post(`/build_requests/${task['build_request_id_str']}/cancel`, { as: member.apiKey });
    expect((await runner.call('post', task, 'artifact', { json: content })).status).toBe(409);
  });

  it('keeps its packs from the sweeper until the request has ended', async () => {
    const { id, task } = await building();
    await upload(task);
    const erased: string[] = [];
    const sweep = async () =>
      void (await sweepPacks(server.deps.db, -1, async (...pack) => void erased.push(pack.join(' '))));
    await sweep();
    expect(erased).not.toContain(`${member.orgId} ${hash}`);
    await server.client.post(`/build_requests/${id}/cancel`, { as: member.apiKey });
    await sweep();
    expect(erased).toContain(`${member.orgId} ${hash}`);
  });

  it('that is sent again replaces the first', async () => {
    const { id, task } = await building();
    await upload(task);
    const second = packSmall({ 'snare.wav': 'tack' });
    await runner.call('put', task, `packs/${sha256(second.pack)}`, { body: second.pack });
    const json = { product_hash: productHash(second.manifest.files), manifest: second.manifest };
    expect((await runner.call('post', task, 'artifact', { json })).status).toBe(200);
    await runner.finish(task);
    await publish(id);
    const [version] = await versions();
    expect(version).toMatchObject({ version: '1.1.0', productHash: json.product_hash });
  });
});

function withPath(path: string): object {
  const files = manifest.files.map((file) => ({ ...file, path }));
  return { product_hash: productHash(files), manifest: { ...manifest, files } };
}
