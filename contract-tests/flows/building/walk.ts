import { createProduct } from '../release.ts';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';
import { killedRunner } from './killed_runner.ts';
import { BROKEN, FIXED, nothingPublished, PRODUCT, published } from './kit.ts';
import { build, type BuildRequest, ended, type Project, retry } from './platform.ts';
import { startRunner } from './programs.ts';
import { createProject, createSuite, registerRunner, tellOfPush, type Workshop } from './site.ts';

/** Two suites and two runners, of which one is killed; a suite that fails, its repair, a push, and the release. */
export async function walk(tally: Tally, scene: Scene, shop: Workshop): Promise<void> {
  const { platform, git, gate, server, account } = shop;
  await createProduct({ url: server.url, key: account.apiKey, vendorId: account.orgId }, PRODUCT);
  await git.commit('kit', BROKEN);
  const project = await createProject(shop, git.url('kit'));
  await createSuite(shop, project, { name: 'npm test', command: 'npm test' });
  const environment = { WAIT: `bash -c '${gate.wait('kit')}'` };
  await createSuite(shop, project, { name: 'kit', command: 'sh make.sh', environment, artifact_path: 'dist' });
  const tokens = [await registerRunner(shop, 'one'), await registerRunner(shop, 'two')];
  const folder = await scene.folder();
  const programs = await Promise.all(tokens.map((token) => startRunner(scene, server, { token, folder })));

  const publish = { product_id: PRODUCT, version: '1.1.0', activate: true };
  const wish = { ref: 'main', publish };
  const first = await killedRunner(tally, scene, shop, { project, wish, runners: { tokens, folder, programs } });
  tally.check('a suite that fails: nothing is published', await nothingPublished(shop), first);
  const again = await retry(platform, first);
  const same = again.retry_of_str === first.id_str && again.commit_id_str === first.commit_id_str;
  tally.check('a retry builds the same commit, which fails again', same && again.result === 'failed', again);

  await pushed(tally, scene, shop, project);
  tally.check('what nobody asked to publish is not', await nothingPublished(shop));
  await published(tally, scene, shop, await build(platform, project, wish), '1.1.0');
  const late = await platform.ask('POST', `/projects/${project.id_str}/build_requests`, wish);
  const taken = late.status === 403 && late.json.error?.['publish.version']?.[0] === 'already_exists';
  tally.check('a version that is there already is refused at once', taken, late.text);
}

/** The repair is pushed; told of twice, as GitHub does when it is not sure. */
async function pushed(tally: Tally, scene: Scene, { platform, git }: Workshop, project: Project): Promise<void> {
  const sha = await git.commit('kit', FIXED, 'Hit harder');
  const tell = () => tellOfPush(scene, project, { id: 'one', sha });
  const answers = [await tell(), await tell()];
  const requests = await platform.get<BuildRequest[]>(`/projects/${project.id_str}/build_requests`);
  const hooked = requests.filter(({ source }) => source === 'github');
  const request = await ended(platform, hooked[0]?.id_str ?? '0');
  tally.check('a push is built, once', hooked.length === 1 && request.result === 'succeed', [answers, requests]);
  const path = `/projects/${project.id_str}/commits/${request.commit_id_str}`;
  const commit = await platform.get<{ ref: string; message: string }>(path);
  tally.check('at its commit', commit.ref === sha && commit.message.startsWith('Hit harder'), commit);
}
