import { join } from 'node:path';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';
import { PRODUCT, published } from './kit.ts';
import { build, type BuildRequest, buildOf, type Platform, type Project, retry } from './platform.ts';
import { createProject, createSuite, type Workshop } from './site.ts';
import { startSshd } from './sshd.ts';

/** The same over SSH: with the project's own key, and a host that is known from the first time on. */
export async function overSsh(tally: Tally, scene: Scene, shop: Workshop): Promise<void> {
  const { platform, git } = shop;
  const sshd = await startSshd(scene);
  const project = await createProject(shop, sshd.url(join(git.folder, 'kit')));
  const path = `/projects/${project.id_str}`;
  const mood = { name: 'npm test', command: 'npm test', environment: { MOOD: 'low' } };
  const suite = await createSuite(shop, project, mood);
  const environment = { WAIT: 'true' };
  await createSuite(shop, project, { name: 'kit', command: 'sh make.sh', environment, artifact_path: 'dist' });
  const wish = { ref: 'main', publish: { product_id: PRODUCT, version: '1.2.0', activate: true } };

  const stranger = await build(platform, project, wish);
  const denied = stranger.error === 'repository_refused' && /Permission denied/.test(stranger.message ?? '');
  tally.check('ssh: a key that the host does not know is refused', denied, stranger);
  await sshd.authorize(project.ssh_public_key);
  const failed = await build(platform, project, wish);
  const { known_hosts } = await platform.get<Project>(path);
  tally.check('ssh: the host is known from the first time on', known_hosts.trim() === sshd.knownHosts, known_hosts);
  const { exit_code } = await buildOf(platform, failed, 'npm test');
  const unpublished = failed.result === 'failed' && failed.published_version_id_str === undefined;
  tally.check('ssh: a suite fails, nothing is published', unpublished && exit_code === 1, failed);

  await platform.put(`${path}/suites/${suite}`, { environment: {} });
  await sshd.impersonate(true);
  const fooled = await build(platform, project, wish);
  const refused = fooled.error === 'repository_refused' && /host key/i.test(fooled.message ?? '');
  tally.check('ssh: a host with another key is refused', refused, fooled);
  await sshd.impersonate(false);
  await retries(tally, scene, shop, failed);
  await pinned(tally, platform, project, sshd.knownHosts);
}

/** The suite was mended; two retry at once. */
async function retries(tally: Tally, scene: Scene, shop: Workshop, failed: BuildRequest): Promise<void> {
  const { platform } = shop;
  const both = await Promise.all([retry(platform, failed), retry(platform, failed)]);
  const [one, other] = both.sort((a, b) => Number(b.result === 'succeed') - Number(a.result === 'succeed'));
  await published(tally, scene, shop, one, '1.2.0');
  const told = other.error === 'already_exists' && (await buildOf(platform, other, 'kit')).state === 'build_succeed';
  tally.check('of two retries at once one publishes; the other says so and loses no build', told, other);
  const after = await retry(platform, one);
  const nothing = after.result === 'succeed' && after.published_version_id_str === undefined;
  tally.check('a retry of what was published publishes nothing', nothing, after);
}

/** Whoever runs the host may say beforehand what its key is, and after it was changed. */
async function pinned(tally: Tally, platform: Platform, project: Project, knownHosts: string): Promise<void> {
  const path = `/projects/${project.id_str}`;
  await platform.put(path, { known_hosts: knownHosts.replace(/.{8}$/, 'AAAAAAAA') });
  const wrong = await build(platform, project);
  await platform.put(path, { known_hosts: knownHosts });
  const right = await build(platform, project);
  const good = wrong.error === 'repository_refused' && right.result === 'succeed';
  tally.check('ssh: the host key that the project names is the one', good, [wrong, right]);
}
