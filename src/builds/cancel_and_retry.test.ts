import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

describe('cancelling', () => {
  it('ends a request whose ref is being looked up, whatever the runner finds', async () => {
    await bench.addSuite({ name: 'test' });
    const id = await bench.asked();
    const task = await bench.runner.take();
    const cancelled = await bench.act(id, 'cancel');
    expect([cancelled.status, cancelled.json.response.result]).toEqual([200, 'cancelled']);
    expect((await bench.runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(true);
    expect((await bench.runner.resolve(task)).status).toBe(200);
    expect(await bench.request(id)).toMatchObject({ state: 'processed', result: 'cancelled', builds: [] });
    expect([await bench.commits(), await bench.runner.lease(), await bench.projectState()]).toEqual([[], null, 'new']);
  });

  it('keeps what waits from running, tells the runner of what runs, and lets it change nothing', async () => {
    for (const name of ['running', 'waiting']) await bench.addSuite({ name });
    const id = await bench.resolved();
    const task = await bench.runner.take();
    expect((await bench.runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(false);
    const { builds, ...cancelled } = (await bench.act(id, 'cancel')).json.response;
    expect(cancelled).toMatchObject({ state: 'processed', result: 'cancelled' });
    expect(builds.map(({ state }: { state: string }) => state)).toEqual(['build_failed', 'build_failed']);
    expect(await bench.runner.lease()).toBeNull();
    expect((await bench.runner.call('post', task, 'heartbeat')).json.response.cancelled).toBe(true);
    expect((await bench.runner.log(task, 0, 'late')).status).toBe(409);
    expect((await bench.runner.finish(task)).status).toBe(200);
    const build = await bench.get(`/builds/${builds[0].id_str}`);
    expect(build).toMatchObject({ state: 'build_failed', failure: 'cancelled', log_size: 0 });
    expect((await bench.commits())[0].build_state).toBe('failed');
    expect((await bench.events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
    expect((await bench.runner.finish(task)).status).toBe(409);
  });

  it('changes nothing the second time, and is refused after another end', async () => {
    const id = await bench.asked();
    const [first, second] = [await bench.act(id, 'cancel'), await bench.act(id, 'cancel')];
    expect([second.status, second.json]).toEqual([200, first.json]);
    expect((await bench.events()).filter((type) => type === 'build_request.processed')).toHaveLength(1);
    const ended = await bench.resolved();
    const refused = await bench.act(ended, 'cancel');
    expect([refused.status, refused.json]).toEqual([409, { error: { build_request_id: ['conflict'] } }]);
  });

  it('and the end of the build at the same moment leave one of the two', async () => {
    await bench.addSuite({ name: 'test' });
    for (let round = 0; round < 5; round++) {
      const id = await bench.resolved();
      const task = await bench.runner.take();
      const [cancelled, finished] = await Promise.all([bench.act(id, 'cancel'), bench.runner.finish(task)]);
      const { result, builds } = await bench.request(id);
      expect(finished.status).toBe(200);
      expect([cancelled.status, result, builds[0].state]).toEqual(
        cancelled.status === 200 ? [200, 'cancelled', 'build_failed'] : [409, 'succeed', 'build_succeed'],
      );
    }
  });
});

describe('a retry', () => {
  it('builds the same commit with the suites of now, without another look', async () => {
    const suite = await bench.addSuite({ name: 'flaky' });
    const id = await bench.resolved();
    await bench.runner.finish(await bench.runner.take(), { exit_code: 1 });
    await server.deps.db.updateTable('suites').set({ name: 'solid' }).where('id', '=', suite).execute();
    const answer = await bench.act(id, 'retry');
    const { id_str: again, ...retried } = answer.json.response;
    expect([answer.status, answer.headers.location]).toEqual([201, `${server.url}/build_requests/${again}`]);
    expect(retried).toMatchObject({ retry_of_str: id, state: 'processing', commit_id_str: expect.any(String) });
    expect(retried.builds).toMatchObject([{ name: 'solid', state: 'enqueued_for_build' }]);
    await bench.runner.finish(await bench.runner.take());
    expect(await bench.request(again)).toMatchObject({ result: 'succeed' });
    expect(await bench.request(id)).toMatchObject({ result: 'failed' });
    expect((await bench.commits())[0].build_state).toBe('succeed');
  });

  it('looks again where there is no commit, and waits for the end of the first', async () => {
    const id = await bench.asked({ ref: 'feature/x' });
    expect((await bench.act(id, 'retry')).json).toEqual({ error: { build_request_id: ['conflict'] } });
    await bench.runner.resolve(await bench.runner.take(), { error: { code: 'repository_unreachable' } });
    expect((await bench.act(id, 'retry')).status).toBe(201);
    expect(await bench.runner.take()).toMatchObject({ kind: 'resolve', ref: 'feature/x' });
  });
});
