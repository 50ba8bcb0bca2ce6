import { expect } from 'vitest';
import { publishBuildRequest } from '../builds/tasks.ts';
import { productHash } from '../manifests/product_hash.ts';
import type { TestTask } from './builds.ts';
import { packSmall, sha256 } from './publish_small.ts';
import type { TestServer } from './server.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

export const { pack, manifest } = packSmall({ 'kick.wav': 'boom' });
export const hash = sha256(pack);
/** An artifact whose one pack is `pack`. */
export const content = { product_hash: productHash(manifest.files), manifest };

export const PUBLISH = { product_id: 'drums', version: '1.1.0', activate: true };

/** A workbench with the product `drums`, and a suite that makes an artifact; its requests are to publish. */
export interface Packaging extends Workbench {
  versions(): Promise<{ id: string; version: string }[]>;
  /** Sends the artifact of the build. */
  upload(task: TestTask): Promise<void>;
  /** All builds have succeeded; the publication waits for its job. Answers the request's id. */
  built(): Promise<string>;
  /** Does the job. */
  publish(id: string): Promise<void>;
}

export async function openPackaging(server: TestServer): Promise<Packaging> {
  const bench = await openWorkbench(server);
  const { account, runner } = bench;
  await bench.addSuite({ name: 'package', artifact_path: 'dist' });
  await server.client.post('/api/products', { as: account.apiKey, json: { name: 'Drums', slug: 'drums' } });
  const building = () => bench.building({ ref: 'main', publish: PUBLISH });
  const upload = (task: TestTask) => sendArtifact(bench, task);
  return {
    ...{ ...bench, building, upload },
    versions: async () => (await server.client.get('/api/products/drums/versions', { as: account.apiKey })).json,
    async built() {
      const { id, task } = await building();
      await upload(task);
      expect((await runner.finish(task)).status).toBe(200);
      return id;
    },
    publish: (id) => publishBuildRequest(server.deps, { organisationId: account.orgId, buildRequestId: id }),
  };
}

async function sendArtifact({ runner }: Workbench, task: TestTask): Promise<void> {
  const missing = await runner.call('post', task, 'pack_check', { json: { pack_hashes: [hash] } });
  expect(missing.status).toBe(200);
  const stored = await runner.call('put', task, `packs/${hash}`, { body: pack });
  expect([stored.status, stored.json]).toEqual([200, { response: { sha256: hash, size: pack.length } }]);
  const sent = await runner.call('post', task, 'artifact', { json: content });
  expect([sent.status, sent.json.response.file_count]).toEqual([200, 1]);
}
