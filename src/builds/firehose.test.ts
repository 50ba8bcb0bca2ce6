import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRequest } from '../build_requests/actions.ts';
import { createFirehoses } from '../firehose/firehoses.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { createRunner, insertProject, insertSuite, type TestRunner, type TestTask } from '../testing/builds.ts';
import { addCollaborator } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { openStream } from '../testing/stream.ts';
import { followLog, type LogPart } from './follow_log.ts';

let server: TestServer;
let owner: NewAccount;
let runner: TestRunner;
beforeAll(async () => {
  server = await startTestServer({
    deps: (real) => ({ ...real, firehoses: createFirehoses({ ...real, keepAlive: 40 }) }),
  });
  owner = await server.createAccount('owner');
  runner = await createRunner(server, owner);
});
afterAll(() => server.stop());

interface Built {
  readonly project: string;
  readonly build: string;
  readonly task: TestTask;
}

/** A build that the runner has begun. */
async function begin(): Promise<Built> {
  const { deps } = server;
  const project = await insertProject(deps, owner.orgId);
  await insertSuite(deps, owner.orgId, project, { name: 'test' });
  const target = { organisationId: owner.orgId, projectId: project };
  await createRequest(deps.db, deps, target, { ref: 'main' }, 'api', owner.userId);
  await runner.resolve(await runner.take());
  const task = await runner.take();
  const { build_id } = await deps.db
    .selectFrom('runner_tasks')
    .select('build_id')
    .where('id', '=', task.id_str)
    .executeTakeFirstOrThrow();
  return { project, build: build_id ?? '', task };
}

const follow = (build: string, as = owner.apiKey) => openStream(server, `/builds/${build}/firehose`, as);
const read = (build: string, as = owner.apiKey) => server.client.get(`/builds/${build}/firehose?follow=false`, { as });

describe('GET /builds/{build_id}/firehose', () => {
  it('is the log from its first line on, then as it happens, until the build has ended', async () => {
    const { build, task } = await begin();
    await runner.log(task, 0, 'one\n');
    const stream = await follow(build);
    expect(stream.response.headers).toMatchObject({ 'content-type': 'text/plain', 'x-accel-buffering': 'no' });
    await stream.until(1);
    await runner.log(task, 4, 'two\n');
    await stream.until(2);
    await runner.log(task, 8, 'three');
    await runner.finish(task);
    expect([await stream.ended(), stream.text()]).toEqual(['whole', 'one\ntwo\nthree']);
    expect(await (await follow(build)).ended()).toBe('whole');
  });

  it('waits for the first line of a build that has none, and sends nothing meanwhile', async () => {
    const { build, task } = await begin();
    expect((await read(build)).body.length).toBe(0);
    const stream = await follow(build);
    await runner.log(task, 0, 'first\n');
    expect(await stream.until(1)).toEqual(['first']);
    expect(stream.text()).toBe('first\n');
    stream.hangUp();
  });

  it('has every byte of a long log, whatever they are', async () => {
    const { build, task } = await begin();
    const log = Buffer.from(Uint8Array.from({ length: 3 * 1024 * 1024 }, (_, n) => (n * 7919) >> 5));
    for (let at = 0; at < log.length; at += 1024 * 1024) await runner.log(task, at, log.subarray(at, at + 1024 * 1024));
    for (let n = 0; n < 600; n++) await runner.log(task, log.length + n, Buffer.from([n]));
    const all = Buffer.concat([log, Buffer.from(Array.from({ length: 600 }, (_, n) => n))]);
    expect((await read(build)).body.equals(all)).toBe(true);
    const parts: LogPart[] = [];
    const { signal } = new AbortController();
    const { deps } = server;
    const from = 1024 * 1024 + 12_345;
    await runner.finish(task);
    for await (const part of followLog(deps, { organisationId: owner.orgId }, build, from, signal)) parts.push(part);
    expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(all.subarray(from))).toBe(true);
    expect(parts.map(({ last }) => last)).toEqual([...parts.slice(1).map(() => false), true]);
    expect(parts.map(({ start }) => start)).toEqual(
      parts.map((_, n) => parts.slice(0, n).reduce((sum, { bytes }) => sum + bytes.length, from)),
    );
    expect(Math.max(...parts.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(256 * 1024);
  });

  it('is for collaborators too, as long as they are', async () => {
    const { project, build, task } = await begin();
    const friend = await server.createAccount('member');
    expect(await read(build, friend.apiKey)).toMatchObject({
      status: 404,
      json: { error: { build_id: ['not_found'] } },
    });
    const own = { id: project, organisation_id: owner.orgId };
    const id = await addCollaborator(server.deps, own, { email: friend.email, user: friend.userId });
    await runner.log(task, 0, 'for friends\n');
    const stream = await follow(build, friend.apiKey);
    expect(await stream.until(1)).toEqual(['for friends']);
    await server.deps.db.deleteFrom('collaborators').where('id', '=', id).execute();
    expect(await stream.ended()).toBe('whole');
  });

  it('ends with the key, with the project and with the server, and not with silence', async () => {
    const { project, build } = await begin();
    const member = await server.createAccount('member', { org: owner.orgId });
    const [refreshed, deleted] = [await follow(build, member.apiKey), await follow(build)];
    await server.client.post('/api_key', { as: member.apiKey });
    expect(await refreshed.ended()).toBe('whole');
    expect(deleted.response.complete).toBe(false);
    await server.deps.db.deleteFrom('projects').where('id', '=', project).execute();
    expect(await deleted.ended()).toBe('whole');
  });
});
