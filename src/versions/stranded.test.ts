import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requeueStranded } from '../manifests/queries.ts';
import { productHash } from '../manifests/product_hash.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

async function publish(slug: string) {
  await server.client.post('/api/products', { as: admin.apiKey, json: { slug, name: slug } });
  const { pack, manifest } = packSmall({ 'a.txt': slug });
  await server.client.put(`/api/blob/${admin.orgId}/packs/pack-${sha256(pack)}`, { as: admin.apiKey, body: pack });
  const hash = productHash(manifest.files);
  const json = { vendorId: admin.orgId, productId: slug, version: '1', productHash: hash, manifest, activate: false };
  const send = () => server.client.post('/api/manifest', { as: admin.apiKey, json });
  return { id: (await send()).json.id as string, send };
}

const jobs = async (id: string) => {
  const { rows } = await sql<{ attempts: number; locked: boolean; payload: object }>`
    select attempts, locked_at is not null as locked, payload from graphile_worker._private_jobs
    where payload->>'versionId' = ${id} order by id`.execute(server.deps.db);
  return rows;
};
const change = (id: string, set: ReturnType<typeof sql>) =>
  sql`update graphile_worker._private_jobs set ${set} where payload->>'versionId' = ${id}`.execute(server.deps.db);
const DEAD = sql`attempts = max_attempts`;
const ON_ITS_LAST_ATTEMPT = sql`attempts = max_attempts, locked_at = now(), locked_by = 'someone'`;

it('the same content queues the verification again that gave up', async () => {
  const { id, send } = await publish('given-up');
  const [first] = await jobs(id);
  await change(id, DEAD);
  expect((await send()).status).toBe(200);
  expect(await jobs(id)).toEqual([
    { attempts: 12, locked: false, payload: first?.payload },
    { attempts: 0, locked: false, payload: first?.payload },
  ]);
});

it('the sweeper queues it again, too, once', async () => {
  const { id } = await publish('swept');
  await change(id, DEAD);
  expect(await requeueStranded(server.deps.db)).toBe(1);
  expect(await requeueStranded(server.deps.db)).toBe(0);
  expect((await jobs(id)).map(({ attempts }) => attempts)).toEqual([12, 0]);
});

it.each([
  ['waits', sql`attempts = 3`],
  ['is on its last attempt', ON_ITS_LAST_ATTEMPT],
])('a job that %s is left alone', async (name, state) => {
  const { id, send } = await publish(name.replaceAll(' ', '-'));
  await change(id, state);
  const before = await jobs(id);
  await send();
  expect(await requeueStranded(server.deps.db)).toBe(0);
  expect(await jobs(id)).toEqual(before);
});

it('what is ready, failed or yanked is not verified again', async () => {
  const { versionId } = await server.publishSmall(admin);
  await sql`delete from graphile_worker._private_jobs where payload->>'versionId' = ${versionId}`.execute(
    server.deps.db,
  );
  expect(await requeueStranded(server.deps.db)).toBe(0);
});
