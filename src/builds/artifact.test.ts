import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { productHash } from '../manifests/product_hash.ts';
import { sweepPacks } from '../packs/sweep.ts';
import { leaseHeaders } from '../testing/builds.ts';
import { content, hash, manifest, openPackaging, pack, type Packaging } from '../testing/packaging.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let bench: Packaging;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  bench = await openPackaging(server);
});

describe('an artifact', () => {
  it('that was not sent fails the build', async () => {
    const { id, task } = await bench.building();
    await bench.runner.finish(task);
    const { builds, result } = await bench.request(id);
    const build = await bench.get(`/builds/${builds[0].id_str}`);
    expect([result, build.state, build.failure, build.exit_code]).toEqual(['failed', 'build_failed', 'artifact', 0]);
  });

  it('of which a pack is not stored is refused by name', async () => {
    const { task } = await bench.building();
    const other = packSmall({ 'nobody.txt': 'sent this' }).manifest;
    const json = { product_hash: productHash(other.files), manifest: other };
    const answer = await bench.runner.call('post', task, 'artifact', { json });
    expect([answer.status, answer.json]).toEqual([409, { error: { 'manifest.packs.0': ['conflict'] } }]);
  });

  it.each([
    ['another hash', { ...content, product_hash: '0'.repeat(64) }, { product_hash: ['invalid_format'] }],
    ['no hash', { manifest }, { product_hash: ['is_blank'] }],
    ['a product', { ...content, productId: 'drums' }, { productId: ['unknown_field'] }],
    ['a path out of the folder', withPath('../x'), { 'manifest.files.0.path': ['invalid_format'] }],
  ])('with %s is refused', async (_what, json, error) => {
    const { task } = await bench.building();
    await bench.runner.call('put', task, `packs/${hash}`, { body: pack });
    const answer = await bench.runner.call('post', task, 'artifact', { body: JSON.stringify(json) });
    expect([answer.status, answer.json]).toEqual([403, { error }]);
  });

  it('is taken under the lease of a build that is to be published, and no other', async () => {
    await bench.addSuite({ name: 'test' });
    const { id, task } = await bench.building();
    const unwanted = await bench.runner.take();
    await bench.upload(task);
    const ways = (headers: object, taskId: string) => [
      () =>
        server.client.post(`/runner/tasks/${taskId}/pack_check`, {
          as: bench.runner.token,
          json: { pack_hashes: [hash] },
          ...headers,
        }),
      () =>
        server.client.put(`/runner/tasks/${taskId}/packs/${hash}`, { as: bench.runner.token, body: pack, ...headers }),
      () =>
        server.client.post(`/runner/tasks/${taskId}/artifact`, { as: bench.runner.token, json: content, ...headers }),
    ];
    const stale = { headers: { ...leaseHeaders(task), Fence: '7' } };
    for (const way of [...ways({ headers: leaseHeaders(unwanted) }, unwanted.id_str), ...ways(stale, task.id_str)])
      expect((await way()).status).toBe(409);
    await bench.act(id, 'cancel');
    expect((await bench.runner.call('post', task, 'artifact', { json: content })).status).toBe(409);
  });

  it('keeps its packs from the sweeper until the request has ended', async () => {
    const { id, task } = await bench.building();
    await bench.upload(task);
    const erased: string[] = [];
    const sweep = async () =>
      void (await sweepPacks(server.deps.db, -1, async (...pack) => void erased.push(pack.join(' '))));
    await sweep();
    expect(erased).not.toContain(`${bench.account.orgId} ${hash}`);
    await bench.act(id, 'cancel');
    await sweep();
    expect(erased).toContain(`${bench.account.orgId} ${hash}`);
  });

  it('that is sent again replaces the first', async () => {
    const { id, task } = await bench.building();
    await bench.upload(task);
    const second = packSmall({ 'snare.wav': 'tack' });
    await bench.runner.call('put', task, `packs/${sha256(second.pack)}`, { body: second.pack });
    const json = { product_hash: productHash(second.manifest.files), manifest: second.manifest };
    expect((await bench.runner.call('post', task, 'artifact', { json })).status).toBe(200);
    await bench.runner.finish(task);
    await bench.publish(id);
    const [version] = await bench.versions();
    expect(version).toMatchObject({ version: '1.1.0', productHash: json.product_hash });
  });
});

function withPath(path: string): object {
  const files = manifest.files.map((file) => ({ ...file, path }));
  return { product_hash: productHash(files), manifest: { ...manifest, files } };
}
