import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loseTask } from '../builds/actions.ts';
import { requeueLapsed } from '../builds/tasks.ts';
import { COMMIT, createRunner, type TestRunner, type TestTask } from '../testing/builds.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openWorkbench, type Workbench } from '../testing/workbench.ts';
import { leaseNext } from './hot_queries.ts';

let server: TestServer;
let bench: Workbench;
let other: TestRunner;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openWorkbench(server, 'admin');
  other = await createRunner(server, bench.account);
  await bench.addSuite({ name: 'test' });
});

/** As if no heartbeat had come for a minute. */
const lapse = ({ id_str }: TestTask) =>
  server.deps.db
    .updateTable('runner_tasks')
    .set({ leased_until: sql`now() - interval '1 second'` })
    .where('id', '=', id_str)
    .where('state', '=', 'leased')
    .execute();

describe('a runner that is lost', () => {
  it('loses its task to the next one that asks; its log goes on, and it can change nothing any more', async () => {
    const { id, task } = await bench.building();
    await bench.runner.log(task, 0, 'half of');
    await lapse(task);
    const again = await other.take();
    expect(again).toMatchObject({ id_str: task.id_str, kind: 'build' });
    expect([Number(task.fence), Number(again.fence)]).toEqual([1, 2]);
    const size = again['build'].log_size;
    expect(size).toBeGreaterThan(7);
    for (const stale of [
      () => bench.runner.call('post', task, 'heartbeat'),
      () => bench.runner.log(task, size, 'x'),
      () => bench.runner.finish(task),
      () => other.call('post', task, 'heartbeat'),
      () => bench.runner.call('post', again, 'heartbeat'),
      () => bench.runner.finish(again),
      () => other.finish({ ...again, fence: 1 }),
      () => other.call('post', { ...again, fence: 1 }, 'heartbeat'),
      () => other.finish({ ...again, lease_id: task.lease_id }),
    ])
      expect((await stale()).status).toBe(409);
    await other.log(again, size, 'all of it');
    expect((await other.finish(again)).status).toBe(200);
    const { builds, result } = await bench.request(id);
    expect([result, builds[0].state]).toEqual(['succeed', 'build_succeed']);
    const chunks = await server.deps.db.selectFrom('build_log_chunks').select('bytes').orderBy('start').execute();
    const log = chunks.map(({ bytes }) => bytes.toString()).join('');
    expect(log).toMatch(/^half of\n\[continuity\] The runner was lost\. .*\nall of it$/);
  });

  it('keeps its task by a heartbeat, and by finishing before anybody took it', async () => {
    const { task } = await bench.building();
    await lapse(task);
    expect((await bench.runner.call('post', task, 'heartbeat')).status).toBe(200);
    // Whoever saw it lapse looks again once it has the locks.
    await loseTask(server.deps.db, server.deps, bench.account.orgId, task.id_str);
    expect(await other.lease()).toBeNull();
    await lapse(task);
    expect((await bench.runner.finish(task)).status).toBe(200);
    expect(await other.lease()).toBeNull();
  });

  it('and the one that takes its task at the same moment end in one way', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, task } = await bench.building();
      await lapse(task);
      const [finished, found] = await Promise.all([bench.runner.finish(task), other.lease()]);
      // It may have been passed over while the call that came too late was looking at it.
      const taken = found ?? (await other.lease());
      expect([finished.status, taken === null]).toEqual(finished.status === 200 ? [200, true] : [409, false]);
      if (taken) expect((await other.finish(taken)).status).toBe(200);
      expect(await bench.request(id)).toMatchObject({ result: 'succeed' });
    }
  });

  it('is given three successors for a build; then it has failed', async () => {
    const { id, task } = await bench.building();
    for (let loss = 1; loss <= 3; loss++) {
      await lapse(task);
      expect(await other.take()).toMatchObject({ id_str: task.id_str });
    }
    await lapse(task);
    expect(await other.lease()).toBeNull();
    const { builds, ...request } = await bench.request(id);
    expect(request).toMatchObject({ state: 'processed', result: 'failed' });
    expect(await bench.get(`/builds/${builds[0].id_str}`)).toMatchObject({
      state: 'build_failed',
      failure: 'runner_lost',
    });
  });

  it('and for a look at the repository', async () => {
    const id = await bench.asked();
    const task = await bench.runner.take();
    for (let loss = 1; loss <= 3; loss++) {
      await lapse(task);
      await bench.runner.take();
    }
    await lapse(task);
    expect(await bench.runner.lease()).toBeNull();
    expect(await bench.request(id)).toMatchObject({ result: 'failed', error: 'runner_lost' });
  });

  it('is found by the sweeper too, without a loss being counted twice', async () => {
    const { task } = await bench.building();
    await lapse(task);
    await Promise.all([requeueLapsed(server.deps), requeueLapsed(server.deps)]);
    const query = server.deps.db.selectFrom('runner_tasks').select(['state', 'losses']).where('id', '=', task.id_str);
    expect(await query.executeTakeFirst()).toEqual({ state: 'waiting', losses: 1 });
    await requeueLapsed(server.deps);
    expect(await query.executeTakeFirst()).toEqual({ state: 'waiting', losses: 1 });
  });

  it('is not replaced for what was cancelled', async () => {
    const { id, task } = await bench.building();
    await bench.act(id, 'cancel');
    await lapse(task);
    expect(await other.lease()).toBeNull();
    expect((await bench.runner.finish(task)).status).toBe(409);
    expect(await bench.request(id)).toMatchObject({ result: 'cancelled' });
  });
});

it('a runner that hangs, but says that it lives, keeps its task for its time and an hour', async () => {
  const { task } = await bench.building();
  const leasedFor = (seconds: number) =>
    server.deps.db
      .updateTable('runner_tasks')
      .set({ leased_at: sql`now() - make_interval(secs => ${seconds})` })
      .where('id', '=', task.id_str)
      .execute();
  await leasedFor(60 + 3_500);
  expect((await bench.runner.call('post', task, 'heartbeat')).status).toBe(200);
  await leasedFor(60 + 3_601);
  expect((await bench.runner.call('post', task, 'heartbeat')).status).toBe(409);
});

it('one that waits for a task gets none once it is revoked, or its organisation suspended', async () => {
  await bench.asked();
  const { hot, ids, db } = server.deps;
  const look = async () => {
    const lessee = { organisationId: bench.account.orgId, runnerId: bench.runner.id };
    return (await leaseNext(hot, lessee, ['resolve'], 'lease', ids.next())).leased;
  };
  const suspend = (since: Date | null) =>
    db.updateTable('organisations').set({ suspended_at: since }).where('id', '=', bench.account.orgId).execute();
  await suspend(new Date());
  expect(await look()).toBeUndefined();
  await suspend(null);
  await server.client.delete(`/runners/${bench.runner.id}`, { as: bench.account.apiKey });
  expect(await look()).toBeUndefined();
  expect(await other.take()).toMatchObject({ kind: 'resolve' });
});

describe('a repository that moves', () => {
  const moved = 'git@git.example.com:moved.git';
  const move = () =>
    server.client.put(`/projects/${bench.project}`, { as: bench.account.apiKey, json: { repository_url: moved } });

  it('is looked at anew; the host keys of the old one are never pinned to it', async () => {
    await bench.asked();
    const task = await bench.runner.take();
    expect((await move()).json.response.repository_url).toBe(moved);
    const found = { commit: COMMIT, known_hosts: 'old.example.com ssh-ed25519 AAAA\n' };
    expect((await bench.runner.resolve(task, found)).status).toBe(409);
    expect((await bench.get(`/projects/${bench.project}`)).known_hosts).toBe('');
    const again = await other.take();
    expect(again).toMatchObject({ id_str: task.id_str, repository_url: moved });
    expect((await other.resolve(again, { ...found, known_hosts: 'git.example.com ssh-ed25519 AAAA\n' })).status).toBe(
      200,
    );
    expect((await bench.get(`/projects/${bench.project}`)).known_hosts).toContain('git.example.com');
  });

  it('is looked at before a retry builds: a build pins no host key', async () => {
    const { id, task } = await bench.building();
    await bench.runner.finish(task, { exit_code: 1 });
    await move();
    await bench.act(id, 'retry');
    expect(await bench.runner.take()).toMatchObject({ kind: 'resolve', commit: COMMIT.ref });
  });
});

it('a runner that is revoked loses its tasks at once', async () => {
  const { task } = await bench.building();
  expect((await server.client.delete(`/runners/${bench.runner.id}`, { as: bench.account.apiKey })).status).toBe(200);
  expect((await bench.runner.finish(task)).status).toBe(401);
  expect(await other.take()).toMatchObject({ id_str: task.id_str });
});

it('the tasks of a deleted project are gone', async () => {
  const { task } = await bench.building();
  await server.deps.db.deleteFrom('projects').where('id', '=', bench.project).execute();
  const answer = await bench.runner.finish(task);
  expect([answer.status, answer.json]).toEqual([404, { error: { task_id: ['not_found'] } }]);
  expect((await bench.runner.call('post', task, 'heartbeat')).status).toBe(404);
});
