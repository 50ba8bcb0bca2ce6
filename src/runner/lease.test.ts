import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../db/transaction.ts';
import { createRunner, PRIVATE_KEY } from '../testing/builds.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openWorkbench, type Workbench } from '../testing/workbench.ts';
import { insertTask } from './queries.ts';

let server: TestServer;
let bench: Workbench;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openWorkbench(server);
});

describe('a lease', () => {
  it('brings the key of the project, and is not to be stored', async () => {
    await bench.asked();
    const { headers, json } = await server.client.post('/runner/lease', { as: bench.runner.token });
    expect(headers['cache-control']).toBe('no-store');
    expect(json.response).toMatchObject({
      kind: 'resolve',
      repository_url: 'https://git.example.com/fixture.git',
      ssh_private_key: PRIVATE_KEY,
    });
    const left = Date.parse(json.response.leased_until) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(61_000);
  });

  it('is of the kind that was wanted, of what waited longest', async () => {
    const [first] = [await bench.asked(), await bench.asked()];
    expect(await bench.runner.lease({ kinds: ['build'] })).toBeNull();
    expect(await bench.runner.lease({ kinds: ['resolve'] })).toMatchObject({ build_request_id_str: first });
  });

  it('is never of another organisation', async () => {
    const stranger = await createRunner(server, await server.createAccount('member'));
    await bench.asked();
    expect(await stranger.lease()).toBeNull();
    const task = await bench.runner.take();
    for (const path of ['heartbeat', 'finish', 'resolve', 'pack_check'])
      expect((await stranger.call('post', task, path, { json: { exit_code: 0 } })).status).toBeOneOf([403, 404]);
    const heartbeat = await stranger.call('post', task, 'heartbeat');
    expect([heartbeat.status, heartbeat.json]).toEqual([404, { error: { task_id: ['not_found'] } }]);
    expect((await stranger.finish(task)).status).toBe(404);
    expect((await bench.runner.call('post', task, 'heartbeat')).status).toBe(200);
  });

  it('is never given twice, however many ask at once', async () => {
    await bench.addSuite({ name: 'test' });
    const asked = 30;
    for (let n = 0; n < asked; n++) await bench.asked();
    const runners = await Promise.all(Array.from({ length: 10 }, () => createRunner(server, bench.account)));
    const taken: string[] = [];
    await Promise.all(
      runners.map(async (one) => {
        for (let task = await one.lease(); task; task = await one.lease()) taken.push(task.id_str);
      }),
    );
    expect(taken).toHaveLength(asked);
    expect(new Set(taken).size).toBe(asked);
  });

  it('passes over a task that a transaction is at', async () => {
    const first = await bench.asked();
    await bench.asked();
    await inTransaction(server.deps.db, async (tx) => {
      await tx.selectFrom('runner_tasks').select('id').where('build_request_id', '=', first).forUpdate().execute();
      expect((await bench.runner.take())['build_request_id_str']).not.toBe(first);
    });
  });
});

describe('waiting for a lease', () => {
  it('ends as soon as there is work, for one of those who wait', async () => {
    const second = await createRunner(server, bench.account);
    const start = performance.now();
    const waiting = [bench.runner, second].map((one) => one.lease({ wait_seconds: 3 }));
    await pause(300);
    const id = await bench.asked();
    const first = await Promise.race(waiting);
    expect(performance.now() - start).toBeLessThan(2_500);
    const leases = await Promise.all(waiting);
    expect(leases.filter(Boolean)).toEqual([expect.objectContaining({ build_request_id_str: id })]);
    expect(first).not.toBeNull();
  });

  it('ends with nothing after its time', async () => {
    const start = performance.now();
    expect(await bench.runner.lease({ wait_seconds: 1 })).toBeNull();
    expect(performance.now() - start).toBeGreaterThan(990);
  });

  it('takes nothing for a runner that hung up', async () => {
    const gone = new AbortController();
    const sent = fetch(`${server.url}/runner/lease`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${bench.runner.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ wait_seconds: 30 }),
      signal: gone.signal,
    });
    await pause(300);
    gone.abort();
    await expect(sent).rejects.toThrow();
    await pause(100);
    const id = await bench.asked();
    await pause(100);
    expect(await bench.runner.take()).toMatchObject({ build_request_id_str: id });
  });

  it('is cut short when the server stops', async () => {
    const stopping = await startTestServer();
    const account = await stopping.createAccount('member');
    const one = await createRunner(stopping, account);
    const start = performance.now();
    const waiting = one.lease({ wait_seconds: 30 });
    await pause(200);
    await stopping.deps.notices.close();
    expect(await waiting).toBeNull();
    expect(performance.now() - start).toBeLessThan(5_000);
    await stopping.stop();
  });

  it('notices work that nobody told of', async () => {
    const id = server.deps.ids.next();
    const { db } = server.deps;
    const waiting = bench.runner.lease({ wait_seconds: 10 });
    await pause(300);
    const request = { id, organisation_id: bench.account.orgId, project_id: bench.project, source: 'api', ref: 'main' };
    await db
      .insertInto('build_requests')
      .values({ ...request, state: 'processing' })
      .execute();
    const row = { organisation_id: bench.account.orgId, project_id: bench.project, kind: 'resolve', state: 'waiting' };
    await db
      .insertInto('runner_tasks')
      .values({ ...row, id: server.deps.ids.next(), build_request_id: id })
      .execute();
    expect(await waiting).toMatchObject({ build_request_id_str: id });
  });

  it('outlives the connection that listens', async () => {
    const waiting = bench.runner.lease({ wait_seconds: 20 });
    await pause(300);
    const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'continuity listener' and datname = current_database()`.execute(server.deps.db);
    expect(rows).toHaveLength(1);
    await pause(600);
    const start = performance.now();
    const id = await bench.asked();
    expect(await waiting).toMatchObject({ build_request_id_str: id });
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});

it('a task that another transaction adds wakes nobody before it commits', async () => {
  const waiting = bench.runner.lease({ wait_seconds: 2 });
  const { db, ids } = server.deps;
  const id = ids.next();
  await pause(200);
  await expect(
    inTransaction(db, async (tx) => {
      const request = {
        id,
        organisation_id: bench.account.orgId,
        project_id: bench.project,
        source: 'api',
        ref: 'main',
      };
      await tx
        .insertInto('build_requests')
        .values({ ...request, state: 'processing' })
        .execute();
      const task = {
        id: ids.next(),
        project_id: bench.project,
        kind: 'resolve',
        build_request_id: id,
        build_id: null,
      } as const;
      await insertTask(tx, bench.account.orgId, task);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  expect(await waiting).toBeNull();
});
