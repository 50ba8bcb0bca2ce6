import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrganisation } from './account.ts';
import { call, mint } from './api.ts';
import { noise } from './random.ts';
import { createProduct, onePack, postManifest, putPack } from './release.ts';
import { run } from './run.ts';
import type { Scene } from './scene.ts';
import { startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';

/** The blobs on a file system of 16 MiB: an upload too many is 503, and nothing else suffers. */
export async function diskFull(tally: Tally, scene: Scene): Promise<void> {
  const dataDir = await scene.folder();
  const blobs = join(dataDir, 'blobs');
  await mkdir(blobs);
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', blobs]);
  if (mounted.code !== 0) {
    tally.skip('uploads on a full disk', `cannot mount a tmpfs: ${mounted.err.trim()}`);
    return;
  }
  scene.onEnd(() => run('umount', ['-l', blobs]));
  const server = await startServer(scene, { dataDir });
  const { apiKey, orgId } = await createOrganisation(server, 'full-company');
  const publisher = { url: server.url, key: apiKey, vendorId: orgId };
  const { pack, manifest } = onePack([{ path: 'a', bytes: noise('kept', 1_000_000) }]);
  await createProduct(publisher, 'kept');
  await putPack(publisher, pack);
  await untilReady(publisher, 'kept', await postManifest(publisher, 'kept', '1.0.0', manifest, { activate: true }));

  const filler = await run('dd', ['if=/dev/zero', `of=${join(blobs, 'filler')}`, 'bs=1M', 'count=11']);
  if (filler.code !== 0) throw new Error(filler.err);
  const large = noise('large', 8_000_000);
  const refused = await putPack(publisher, large);
  const wait = Number(refused.headers.get('retry-after'));
  const text = '{"error":{"generic":["unavailable"]}}';
  tally.check('an upload is 503 unavailable', refused.status === 503 && refused.text === text, refused);
  tally.check('with Retry-After', wait > 0, wait);
  tally.check('no temporary file stays', (await readdir(join(blobs, 'tmp'))).length === 0);
  await run('dd', ['if=/dev/zero', `of=${join(blobs, 'filler2')}`, 'bs=4k']);
  // Its pack is stored already: only the manifest itself finds no room.
  const body = onePack([{ path: 'b', bytes: pack }]).manifest;
  const manifests = await postManifest(publisher, 'kept', '2.0.0', body);
  tally.check('a manifest too', manifests.status === 503 && manifests.text === text, manifests);
  tally.check('/ping answers', (await call('GET', `${server.url}/ping`)).status === 200);
  const readiness = await call('GET', `${server.url}/readyz`);
  tally.check('/readyz says 503', readiness.status === 503, readiness.status);
  const download = await call('GET', await mint(server.url, apiKey, 'kept'));
  tally.check('minting and downloading go on', download.bytes.includes(pack), download.status);

  await run('rm', [join(blobs, 'filler'), join(blobs, 'filler2')]);
  const stored = await putPack(publisher, large);
  tally.check('after room is made the same upload passes', stored.status === 200, stored);
  tally.check('/readyz says 200', (await call('GET', `${server.url}/readyz`)).status === 200);
  await server.stop();
}
