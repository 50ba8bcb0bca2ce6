import type { Scene } from '../scene.ts';
import { startServer } from '../server.ts';
import type { Tally } from '../tally.ts';
import { reached } from './killed_runner.ts';
import { begun, type BuildRequest, buildOf, ended, logOf } from './platform.ts';
import { follow } from './programs.ts';
import { createProject, createSuite, type Workshop } from './site.ts';

const LINES = 200_000;

/** kill -9 of the API and its worker in the middle of a log: it starts again on the same port, and no line is lost. */
export async function killedServer(tally: Tally, scene: Scene, shop: Workshop): Promise<void> {
  const { platform, git, gate, server, account } = shop;
  const project = await createProject(shop, git.url('kit'));
  const command = `bash -c 'echo first; ${gate.wait('kill')}; for n in {1..${LINES}}; do echo line $n; done'`;
  await createSuite(shop, project, { name: 'talk', command });
  const { id_str } = await platform.post<BuildRequest>(`/projects/${project.id_str}/build_requests`, { ref: 'main' });
  const talk = await buildOf(platform, await begun(platform, id_str), 'talk');
  const log = follow(scene, `${server.url}/builds/${talk.id_str}/firehose`, account.apiKey);
  await reached(gate, 'kill');
  gate.open('kill');
  await log.says(/\nline 1\n/);
  await server.killGroup();
  const code = await log.exited;
  await startServer(scene, { dataDir: server.dataDir, port: server.port });
  const request = await ended(platform, id_str);
  const text = (await logOf(platform, talk)).toString();
  const lines = Array.from({ length: LINES }, (_, n) => `line ${n + 1}\n`).join('');
  const whole = text.includes(`first\n${lines}[continuity]`);
  tally.check('kill -9 of the API in the middle of a log: every line is there once', whole, text.slice(-300));
  tally.check('the build did not notice', request.result === 'succeed', request);
  const seen = log.text();
  tally.check('curl did, and had seen nothing else', code !== 0 && text.startsWith(seen), [code, seen.slice(-300)]);
}
