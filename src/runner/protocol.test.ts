import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LOG } from '../builds/log_rules.ts';
import { COMMIT, leaseHeaders, type TestTask } from '../testing/builds.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openWorkbench, type Workbench } from '../testing/workbench.ts';

let server: TestServer;
let bench: Workbench;
let look: TestTask;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openWorkbench(server);
  await bench.addSuite({ name: 'test' });
  await bench.ask();
  look = await bench.runner.take();
});

const building = async (): Promise<TestTask> => {
  await bench.runner.resolve(look);
  return bench.runner.take();
};
const log = async (task: TestTask) => {
  const rows = await server.deps.db
    .selectFrom('build_log_chunks')
    .select(['start', 'bytes'])
    .where('build_id', '=', task['build'].id_str)
    .orderBy('start')
    .execute();
  let at = 0;
  for (const { start, bytes } of rows) {
    expect(Number(start)).toBe(at);
    at += bytes.length;
  }
  return Buffer.concat(rows.map(({ bytes }) => bytes));
};

describe('a call about a task', () => {
  it.each([
    ['no lease', {}, { 'Lease-Id': ['is_blank'], Fence: ['is_blank'] }],
    ['no fence', { 'Lease-Id': 'x' }, { Fence: ['is_blank'] }],
    ['a fence of letters', { 'Lease-Id': 'x', Fence: 'one' }, { Fence: ['invalid_format'] }],
    ['a fence that is too large', { 'Lease-Id': 'x', Fence: '9223372036854775808' }, { Fence: ['invalid_format'] }],
    ['a lease that is too long', { 'Lease-Id': 'x'.repeat(65), Fence: '1' }, { 'Lease-Id': ['invalid_format'] }],
  ])('names its lease: %s', async (_what, headers, error) => {
    const path = `/runner/tasks/${look.id_str}/heartbeat`;
    const answer = await server.client.post(path, { as: bench.runner.token, headers });
    expect([answer.status, answer.json]).toEqual([403, { error }]);
  });

  it.each(['0', 'x', '9223372036854775808', '12345'])('is of a task that is there: %s', async (id) => {
    for (const path of ['heartbeat', 'finish', 'resolve']) {
      const headers = leaseHeaders(look);
      const json = path === 'resolve' ? { commit: COMMIT } : { exit_code: 0 };
      const sent = path === 'heartbeat' ? { headers } : { headers, json };
      const answer = await server.client.post(`/runner/tasks/${id}/${path}`, { as: bench.runner.token, ...sent });
      expect([answer.status, answer.json]).toEqual([404, { error: { task_id: ['not_found'] } }]);
    }
  });

  it('fits its kind', async () => {
    expect((await bench.runner.finish(look)).status).toBe(409);
    expect((await bench.runner.log(look, 0, 'x')).status).toBe(409);
    const build = await building();
    expect((await bench.runner.resolve(build)).status).toBe(409);
    expect((await bench.runner.finish(build)).status).toBe(200);
  });

  it('ends it once', async () => {
    expect((await bench.runner.resolve(look)).status).toBe(200);
    expect((await bench.runner.resolve(look)).status).toBe(409);
    const build = await bench.runner.take();
    const answers = await Promise.all([bench.runner.finish(build), bench.runner.finish(build, { exit_code: 1 })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await bench.runner.call('post', build, 'heartbeat')).status).toBe(409);
  });

  it('is made with the token of a bench.runner, and with nothing else', async () => {
    const path = `/runner/tasks/${look.id_str}/heartbeat`;
    for (const as of [bench.account.apiKey, `${bench.runner.token}x`, `ctr_${'x'.repeat(43)}`, ''])
      expect((await server.client.post(path, { as, headers: leaseHeaders(look) })).status).toBe(401);
    const { headers } = await server.client.post('/runner/lease');
    expect(headers['www-authenticate']).toBe('Bearer realm="Continuity runners"');
    expect((await server.client.get('/user', { as: bench.runner.token })).status).toBe(401);
  });
});

describe('what a ref is', () => {
  it.each([
    ['nothing', {}, { commit: ['is_blank'] }],
    ['two things', { commit: COMMIT, error: { code: 'timeout' } }, { error: ['invalid_format'] }],
    ['a short SHA', { commit: { ...COMMIT, ref: 'abc' } }, { 'commit.ref': ['invalid_format'] }],
    ['an unknown error', { error: { code: 'tired' } }, { 'error.code': ['invalid_format'] }],
    ['a NUL', { commit: { ...COMMIT, message: 'a\0b' } }, { 'commit.message': ['invalid_format'] }],
  ])('is not told by %s', async (_what, json, error) => {
    const answer = await bench.runner.resolve(look, json);
    expect([answer.status, answer.json]).toEqual([403, { error }]);
    expect((await bench.runner.call('post', look, 'heartbeat')).status).toBe(200);
  });
});

describe('the log', () => {
  it('takes each byte once, in any number of repetitions', async () => {
    const task = await building();
    const sent = async (offset: number, text: string) => (await bench.runner.log(task, offset, text)).json.response;
    expect(await sent(0, 'one\n')).toEqual({ size: 4, truncated: false });
    expect(await sent(0, 'one\n')).toEqual({ size: 4, truncated: false });
    expect(await sent(4, 'two\n')).toEqual({ size: 8, truncated: false });
    expect(await sent(0, 'one\n')).toEqual({ size: 8, truncated: false });
    expect(await sent(4, 'two\nthree\n')).toEqual({ size: 14, truncated: false });
    await Promise.all([sent(14, 'four\n'), sent(14, 'four\n'), sent(14, 'four\n')]);
    expect((await log(task)).toString()).toBe('one\ntwo\nthree\nfour\n');
  });

  it('has no gap', async () => {
    const task = await building();
    const answer = await bench.runner.log(task, 1, 'x');
    expect([answer.status, answer.json]).toEqual([409, { error: { offset: ['conflict'] } }]);
    expect((await log(task)).length).toBe(0);
  });

  it('keeps every byte, also those that are no text', async () => {
    const task = await building();
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, n) => n % 256));
    await bench.runner.log(task, 0, bytes);
    expect((await log(task)).equals(bytes)).toBe(true);
  });

  it('holds 10 MiB, and says so', async () => {
    const task = await building();
    const mebibyte = Buffer.alloc(1024 * 1024, 'x');
    for (let n = 0; n < 9; n++) expect((await bench.runner.log(task, n * mebibyte.length, mebibyte)).status).toBe(200);
    const last = await bench.runner.log(task, 9 * mebibyte.length, mebibyte);
    expect(last.json.response).toEqual({ size: MAX_LOG, truncated: true });
    const later = await bench.runner.log(task, 10 * mebibyte.length, 'more');
    expect([later.status, later.json.response]).toEqual([200, { size: MAX_LOG, truncated: true }]);
    const kept = await log(task);
    expect(kept.length).toBe(MAX_LOG);
    expect(kept.subarray(-100).toString()).toContain('The log is full');
  });

  it.each([
    ['nothing', '?offset=0', Buffer.alloc(0), 403, { generic: ['is_blank'] }],
    ['no offset', '', Buffer.from('x'), 403, { offset: ['is_blank'] }],
    ['one below 0', '?offset=-1', Buffer.from('x'), 403, { offset: ['invalid_format'] }],
    ['too much', '?offset=0', Buffer.alloc(1024 * 1024 + 1), 413, { generic: ['payload_too_large'] }],
  ])('refuses %s', async (_what, query, body, status, error) => {
    const task = await building();
    const answer = await bench.runner.call('put', task, `log${query}`, { body });
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });
});
