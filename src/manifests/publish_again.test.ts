import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { type ManifestBody, packSmall, sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { productHash } from './product_hash.ts';

let server: TestServer;
let member: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  member = await server.createAccount('member');
});
afterAll(() => server.stop());

async function prepare(slug: string, files: Record<string, string>): Promise<ManifestBody> {
  await server.client.post('/api/products', { as: member.apiKey, json: { slug, name: slug } });
  const { pack, manifest } = packSmall(files);
  await server.client.put(`/api/blob/${member.orgId}/packs/pack-${sha256(pack)}`, { as: member.apiKey, body: pack });
  return {
    vendorId: member.orgId,
    productId: slug,
    version: '1.0.0',
    productHash: productHash(manifest.files),
    manifest,
    activate: false,
  };
}
const send = (json: object) => server.client.post('/api/manifest', { as: member.apiKey, json });
const jobs = async () => {
  const { rows } = await sql<{
    n: string;
  }>`select count(*) as n from graphile_worker.jobs where task_identifier = 'verify_version'`.execute(server.deps.db);
  return Number(rows[0]?.n);
};

describe('the same content under the same number', () => {
  it('is the version that is there, and is verified once', async () => {
    const body = await prepare('same', { 'a.txt': 'same' });
    const before = await jobs();
    const [first, second] = [await send(body), await send(body)];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json).toEqual(first.json);
    expect(await jobs()).toBe(before + 1);
  });

  it('is the same also with its files in another order', async () => {
    const body = await prepare('shuffled', { 'a.txt': 'one', 'b.txt': 'two' });
    await send(body);
    const shuffled = { ...body, manifest: { ...body.manifest, files: [...body.manifest.files].reverse() } };
    expect((await send(shuffled)).status).toBe(200);
  });

  it('sent several times at once, makes one version', async () => {
    const body = await prepare('burst', { 'a.txt': 'burst' });
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
  });

  it('activates a ready version when asked to', async () => {
    const { product, manifest, versionId } = await server.publishSmall(member, { activate: false });
    const { status, json } = await send({ ...manifest, activate: true });
    expect([status, json.id, json.active]).toEqual([200, versionId, true]);
    expect((await server.client.get(`/api/products/${product}`, { as: member.apiKey })).json.product.status).toBe(
      'published',
    );
  });

  it('does not deactivate one that is active', async () => {
    const { manifest } = await server.publishSmall(member);
    expect((await send({ ...manifest, activate: false })).json.active).toBe(true);
  });
});

describe('other content under the same number', () => {
  it.each(['processing', 'ready'])('is refused while that is %s', async (state) => {
    const slug = `taken-${state}`;
    if (state === 'processing') await send(await prepare(slug, { 'a.txt': 'first' }));
    else {
      await prepare(slug, {});
      await server.publishSmall(member, { product: slug });
    }
    const { status, json } = await send(await prepare(slug, { 'b.txt': 'second' }));
    expect([status, json]).toEqual([409, { error: { version: ['already_exists'] } }]);
  });

  it('sent at the same time, leaves exactly one', async () => {
    const bodies = [
      await prepare('race', { 'a.txt': 'one' }),
      await prepare('race', { 'a.txt': 'two' }),
      await prepare('race', { 'a.txt': 'three' }),
    ];
    const answers = await Promise.all(bodies.map(send));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const winner = bodies[answers.findIndex(({ status }) => status === 201)];
    const { json } = await server.client.get('/api/products/race/versions', { as: member.apiKey });
    expect(json.map((version: { productHash: string }) => version.productHash)).toEqual([winner?.productHash]);
  });
});

describe('a manifest is refused', () => {
  it('by the index of each pack that is not stored, or not of that size', async () => {
    const body = await prepare('missing', { 'a.txt': 'here' });
    const [here] = body.manifest.packs;
    const packs = [{ sha256: '1'.repeat(64), size: 5 }, here, { sha256: '2'.repeat(64), size: 5 }];
    const content = sha256('never');
    const file = (path: string, pack: number) => ({
      path,
      size: 5,
      sha256: content,
      segments: [{ pack, offset: 0, length: 5 }],
    });
    const files = [
      ...body.manifest.files.map((row) => ({ ...row, segments: [{ pack: 1, offset: 0, length: 4 }] })),
      file('b.txt', 0),
      file('c.txt', 2),
    ];
    const { status, json } = await send({ ...body, productHash: productHash(files), manifest: { v: 3, packs, files } });
    expect([status, json]).toEqual([
      409,
      { error: { 'manifest.packs.0': ['conflict'], 'manifest.packs.2': ['conflict'] } },
    ]);
    const wrongSize = { ...body.manifest, packs: [{ sha256: here?.sha256, size: 9 }] };
    expect((await send({ ...body, manifest: wrongSize })).json).toEqual({
      error: { 'manifest.packs.0': ['conflict'] },
    });
  });

  it('for a product that is not there', async () => {
    const { status, json } = await send({ ...(await prepare('there', { a: 'a' })), productId: 'nowhere' });
    expect([status, json]).toEqual([404, { error: { productId: ['not_found'] } }]);
  });

  it('for all its failing fields at once', async () => {
    const { status, json } = await send({ version: 'a b', productHash: 'x', activate: 'yes', more: 1 });
    expect(status).toBe(400);
    expect(json.error).toEqual({
      more: ['unknown_field'],
      vendorId: ['is_blank'],
      productId: ['is_blank'],
      version: ['invalid_format'],
      productHash: ['invalid_format'],
      activate: ['invalid_format'],
      manifest: ['is_blank'],
    });
  });

  it('for a productHash of other files', async () => {
    const body = await prepare('hash', { 'a.txt': 'a' });
    const { status, json } = await send({ ...body, productHash: 'a'.repeat(64) });
    expect([status, json]).toEqual([400, { error: { productHash: ['invalid_format'] } }]);
  });

  it.each([
    ['../x'],
    ['C:\\x'],
    ['/etc/passwd'],
    ['CON'],
    ['a/nul.txt'],
    ['a\u202eb'],
    ['a:b'],
    ['dot.'],
    ['space '],
    ['e\u0301'],
    ['a//b'],
    ['\u0000'],
    [`${'x'.repeat(256)}`],
  ])('for the path %j', async (path) => {
    const files = [{ path, size: 0, sha256: sha256(''), segments: [] }];
    const body = {
      vendorId: member.orgId,
      productId: 'any',
      version: '1',
      productHash: productHash(files),
      manifest: { v: 3, packs: [], files },
    };
    const { status, json } = await send(body);
    expect([status, json]).toEqual([400, { error: { 'manifest.files.0.path': ['invalid_format'] } }]);
  });

  it.each([
    ['cut', '{"vendorId":'],
    ['no UTF-8', Buffer.from([0x7b, 0xff])],
    ['nested without end', '['.repeat(100_000)],
  ])('where it is %s', async (_name, body) => {
    const headers = { 'content-type': 'application/json' };
    const { status, json } = await server.client.post('/api/manifest', { as: member.apiKey, body, headers });
    expect([status, json]).toEqual([400, { error: { generic: ['invalid_json'] } }]);
  });
});

it('answers the stored manifest byte for byte, sorted, to its publisher', async () => {
  const { product, versionId } = await server.publishSmall(member);
  const { body, json } = await server.client.get(`/api/products/${product}/versions/${versionId}/manifest`, {
    as: member.apiKey,
  });
  expect(json.files.map(({ path }: { path: string }) => path)).toEqual(['README.txt', 'empty.txt', 'kits/kick.wav']);
  const row = await server.deps.db
    .selectFrom('versions')
    .selectAll()
    .where('id', '=', versionId)
    .executeTakeFirstOrThrow();
  expect(sha256(body)).toBe(row.manifest_sha256.toString('hex'));
});
