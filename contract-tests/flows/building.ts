import { badBuilds } from './building/bad_builds.ts';
import { badServer } from './building/bad_server.ts';
import { followEvents } from './building/events.ts';
import { killedServer } from './building/killed_server.ts';
import { overSsh } from './building/over_ssh.ts';
import { openSite, openWorkshop } from './building/site.ts';
import { staleLease } from './building/stale_lease.ts';
import { walk } from './building/walk.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

/** From a repository to a version that is downloaded, with what can go wrong on the way. */
export async function building(tally: Tally, scene: Scene): Promise<void> {
  await badServer(tally, scene);
  const site = await openSite(scene);
  const shop = await openWorkshop(site, 'drum-company');
  const events = await followEvents(scene, shop);
  const [odd, slow] = [await openWorkshop(site, 'odd-company'), await openWorkshop(site, 'slow-company')];
  // Two of them wait a minute for a lease to run out.
  await Promise.all([walk(tally, scene, shop), badBuilds(tally, scene, odd), staleLease(tally, slow)]);
  await events.away(() => overSsh(tally, scene, shop));
  await killedServer(tally, scene, shop);
  await events.compare(tally);
}
