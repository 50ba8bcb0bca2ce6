import { COMMIT } from '../../../src/testing/builds.ts';
import { type Answer, call } from '../api.ts';
import { createProject, createSuite, registerRunner, type Workshop } from './site.ts';
import { type BuildRequest, buildOf, logOf } from './platform.ts';
import type { Tally } from '../tally.ts';

interface Task {
  readonly id_str: string;
  readonly lease_id: string;
  readonly fence: number;
}

/** A runner of another make, which speaks the protocol by hand and sends no heartbeat. */
function createHand(url: string, key: string) {
  return {
    async lease(wait_seconds: number): Promise<Task | null> {
      const { status, json, text } = await call('POST', `${url}/runner/lease`, { key, json: { wait_seconds } });
      if (status !== 200) throw new Error(`the lease was answered ${status} ${text}`);
      return (json.response as Task | undefined) ?? null;
    },
    say(method: string, task: Task, path: string, body: { json?: unknown; bytes?: Buffer }): Promise<Answer> {
      const headers = { 'Lease-Id': task.lease_id, Fence: String(task.fence) };
      return call(method, `${url}/runner/tasks/${task.id_str}/${path}`, { key, headers, ...body });
    },
  };
}

/** Two runners finish the same build: the first one was silent for so long that the second one got it too. */
export async function staleLease(tally: Tally, shop: Workshop): Promise<void> {
  const { platform, server } = shop;
  const project = await createProject(shop, 'https://git.example.com/kit.git');
  await createSuite(shop, project, { name: 'slow', command: 'true' });
  const first = createHand(server.url, await registerRunner(shop, 'first'));
  const second = createHand(server.url, await registerRunner(shop, 'second'));
  const path = `/projects/${project.id_str}/build_requests`;
  const { id_str } = await platform.post<BuildRequest>(path, { ref: 'main' });
  const looked = await first.lease(5);
  if (!looked) throw new Error('nothing to look up');
  await first.say('POST', looked, 'resolve', { json: { commit: COMMIT } });
  const old = await first.lease(5);
  if (!old) throw new Error('nothing to build');
  // The answer to the first one might have been lost.
  for (let n = 0; n < 2; n++) await first.say('PUT', old, 'log?offset=0', { bytes: Buffer.from('of the first\n') });
  const nobodys = await second.lease(0);
  let fresh: Task | null = null;
  for (let i = 0; i < 4 && !fresh; i++) fresh = await second.lease(30);
  if (!fresh) throw new Error('the lease never lapsed');
  const next = nobodys === null && fresh.id_str === old.id_str && fresh.fence === old.fence + 1;
  tally.check('a runner that is silent for a minute loses its build to another', next, { nobodys, old, fresh });

  const statuses: number[] = [];
  const json = { exit_code: 1 };
  const bytes = Buffer.from('too late\n');
  for (const [method, call, body] of [
    ['POST', 'heartbeat', {}],
    ['PUT', 'log?offset=13', { bytes }],
    ['POST', 'pack_check', { json: { pack_hashes: ['0'.repeat(64)] } }],
    ['POST', 'finish', { json }],
  ] as const)
    statuses.push((await first.say(method, old, call, body)).status);
  tally.check(
    'the first one gets 409 for all that it says',
    statuses.every((status) => status === 409),
    statuses,
  );
  const build = await buildOf(platform, await platform.get<BuildRequest>(`/build_requests/${id_str}`), 'slow');
  const { length } = await logOf(platform, build);
  await second.say('PUT', fresh, `log?offset=${length}`, { bytes: Buffer.from('of the second\n') });
  const done = await second.say('POST', fresh, 'finish', { json: { exit_code: 0 } });
  const again = await first.say('POST', old, 'finish', { json });
  const request = await platform.get<BuildRequest>(`/build_requests/${id_str}`);
  const right = done.status === 200 && again.status === 409 && request.result === 'succeed';
  tally.check('the second one finishes it', right, [done.text, again.text, request]);
  const log = (await logOf(platform, build)).toString();
  const text = /^of the first\n\n?\[continuity\] The runner was lost[^\n]*\nof the second\n$/;
  tally.check('the log has no word twice, and none that came too late', text.test(log), log);
}
