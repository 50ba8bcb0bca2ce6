import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packKey } from '../blobs/keys.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { sweep } from './sweep.ts';

let server: TestServer;
let own: NewAccount;
let foreign: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  [own, foreign] = [await server.createAccount('admin'), await server.createAccount('admin')];
});
afterAll(() => server.stop());

const put = (text: string, as = own) =>
  server.client.put(`/api/blob/${as.orgId}/packs/pack-${sha256(text)}`, { as: as.apiKey, body: Buffer.from(text) });
const age = (hours: number, ...hashes: string[]) =>
  server.deps.db
    .updateTable('packs')
    .set({ last_seen_at: sql`now() - make_interval(hours => ${hours})` })
    .where(
      'sha256',
      'in',
      hashes.map((hash) => Buffer.from(hash, 'hex')),
    )
    .execute();
const stored = (text: string, as = own) => server.deps.blobs.size(packKey(as.orgId, sha256(text)));
const check = async (text: string, as = own) => {
  const json = { vendorId: as.orgId, packHashes: [sha256(text)] };
  return (await server.client.post('/api/pack-check', { as: as.apiKey, json })).json.existing;
};

describe('the sweeper', () => {
  it('deletes packs that nothing refers to and nobody asked for in 48 hours, rows and bytes', async () => {
    await put('old');
    await put('young');
    await age(49, sha256('old'));
    await age(47, sha256('young'));
    await sweep(server.deps);
    expect([await stored('old'), await stored('young')]).toEqual([undefined, 5]);
    expect([await check('old'), await check('young')]).toEqual([[], [sha256('young')]]);
    expect((await put('old')).status).toBe(200);
    expect(await stored('old')).toBe(3);
  });

  it('keeps what a pack-check or another upload asked for', async () => {
    await put('checked');
    await put('repeated');
    await age(100, sha256('checked'), sha256('repeated'));
    await check('checked');
    await put('repeated');
    await sweep(server.deps);
    expect([await stored('checked'), await stored('repeated')]).toEqual([7, 8]);
  });

  it('keeps what any version refers to, even one that failed or was yanked', async () => {
    const { pack, product, versionId } = await server.publishSmall(own, { files: { 'kept.txt': 'kept' } });
    await server.client.post(`/api/products/${product}/versions/${versionId}/yank`, { as: own.apiKey });
    await age(1000, pack.sha256);
    await sweep(server.deps);
    expect(await stored('kept')).toBe(4);
    await server.deps.db
      .updateTable('versions')
      .set({ status: 'failed', activated_at: null })
      .where('id', '=', versionId)
      .execute();
    await sweep(server.deps);
    expect(await stored('kept')).toBe(4);
  });

  it('looks at each organisation for itself: an equal pack of another keeps nothing', async () => {
    await server.publishSmall(own, { files: { 'equal.txt': 'equal' } });
    await put('equal', foreign);
    await age(49, sha256('equal'));
    await sweep(server.deps);
    expect([await stored('equal'), await stored('equal', foreign)]).toEqual([5, undefined]);
    expect(await check('equal')).toEqual([sha256('equal')]);
  });

  it('then a manifest that names the pack is refused, and works again after another upload', async () => {
    const { manifest } = await server.publishSmall(own, { files: { 'a.txt': 'swept' } });
    const json = { ...manifest, productId: 'swept-product' };
    await server.client.post('/api/products', { as: foreign.apiKey, json: { slug: 'swept-product', name: 'a' } });
    await put('swept', foreign);
    await age(49, sha256('swept'));
    await sweep(server.deps);
    const send = () =>
      server.client.post('/api/manifest', { as: foreign.apiKey, json: { ...json, vendorId: foreign.orgId } });
    const refused = await send();
    expect([refused.status, refused.json]).toEqual([409, { error: { 'manifest.packs.0': ['conflict'] } }]);
    await put('swept', foreign);
    expect((await send()).status).toBe(201);
  });

  it('beside a manifest and uploads never takes what they were told is there', async () => {
    const slug = 'racing';
    await server.client.post('/api/products', { as: own.apiKey, json: { slug, name: slug } });
    const { manifest } = await server.publishSmall(foreign, { files: { 'a.txt': 'racing' } });
    for (let round = 0; round < 10; round += 1) {
      await put('racing');
      await age(49, sha256('racing'));
      const json = { ...manifest, vendorId: own.orgId, productId: slug, version: String(round) };
      const [, answer] = await Promise.all([
        sweep(server.deps),
        server.client.post('/api/manifest', { as: own.apiKey, json }),
      ]);
      if (answer.status === 201) {
        expect(await stored('racing')).toBe(6);
        return;
      }
      expect(answer.status).toBe(409);
    }
  });

  it('forgets stored answers after a day', async () => {
    const { product } = await server.publishSmall(own);
    const send = (key: string) =>
      server.client.post('/api/generate-download-url', {
        as: own.apiKey,
        json: { productId: product },
        headers: { 'idempotency-key': key },
      });
    await send('old');
    await send('new');
    const { db } = server.deps;
    await db
      .updateTable('idempotency_keys')
      .set({ created_at: sql`now() - interval '25 hours'` })
      .where('key', '=', 'old')
      .execute();
    await sweep(server.deps);
    expect((await db.selectFrom('idempotency_keys').select('key').execute()).map(({ key }) => key)).toEqual(['new']);
  });

  it('calls a download abandoned that got no byte for a day', async () => {
    const { product } = await server.publishSmall(own);
    const token = await mint(server, own, product);
    const open = async (agent: string) =>
      (await server.client.post('/download/sessions', { query: { token }, headers: { 'user-agent': agent } })).json
        .id as string;
    const [silent, slow, fresh, ended] = [
      await open('silent'),
      await open('slow'),
      await open('fresh'),
      await open('ended'),
    ];
    const { db } = server.deps;
    await db
      .updateTable('download_sessions')
      .set({ started_at: sql`now() - interval '25 hours'` })
      .where('id', 'in', [silent, slow, ended])
      .execute();
    await db
      .updateTable('download_sessions')
      .set({ last_byte_at: sql`now() - interval '1 hour'` })
      .where('id', '=', slow)
      .execute();
    await server.client.patch(`/download/sessions/${ended}`, { query: { token }, json: { status: 'failed' } });
    await sweep(server.deps);
    const { json } = await server.client.get('/api/downloads/sessions', { as: own.apiKey });
    const status = (id: string) => json.find((row: { id: string }) => row.id === id).status;
    expect([silent, slow, fresh, ended].map(status)).toEqual(['abandoned', 'started', 'started', 'failed']);
  });
});
