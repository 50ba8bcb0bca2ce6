import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProductPair, type ProductPair } from '../testing/product_pair.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import {
  activateWhenReady,
  findVersion,
  findVersionByNumber,
  listVersionRows,
  markFailed,
  markReady,
  markYanked,
  replaceContent,
} from './queries.ts';

let server: TestServer;
let pair: ProductPair;
beforeAll(async () => {
  server = await startTestServer();
  pair = await createProductPair(server);
});
afterAll(() => server.stop());

describe('two organisations with the same slug and version number', () => {
  it('list their own version only', async () => {
    for (const [account, version] of [
      [pair.own, pair.ownVersion],
      [pair.foreign, pair.foreignVersion],
    ] as const) {
      const { json } = await server.client.get(`/api/products/${pair.product}/versions`, { as: account.apiKey });
      expect(json.map(({ id }: { id: string }) => id)).toEqual([version.versionId]);
    }
  });

  it.each([
    ['get', ''],
    ['get', '/manifest'],
    ['post', '/activate'],
    ['post', '/yank'],
  ] as const)('%s …%s of the other’s id is not found, and changes nothing', async (method, path) => {
    const url = `/api/products/${pair.product}/versions/${pair.foreignVersion.versionId}`;
    const { status, json } = await server.client[method](url + path, { as: pair.own.apiKey });
    expect([status, json]).toEqual([404, { error: { versionId: ['not_found'] } }]);
    const { json: untouched } = await server.client.get(url, { as: pair.foreign.apiKey });
    expect(untouched).toMatchObject({ status: 'ready', active: true });
  });

  it('a manifest cannot name the other as vendor, and takes its number only at home', async () => {
    const { own, foreign, ownVersion } = pair;
    const named = await server.client.post('/api/manifest', {
      as: own.apiKey,
      json: { ...ownVersion.manifest, vendorId: foreign.orgId },
    });
    expect([named.status, named.json]).toEqual([404, { error: { vendorId: ['not_found'] } }]);
    const again = await server.client.post('/api/manifest', { as: own.apiKey, json: ownVersion.manifest });
    expect([again.status, again.json.id]).toEqual([200, ownVersion.versionId]);
  });

  it('yanking one leaves the other', async () => {
    const { own, foreign, product } = pair;
    const extra = await server.publishSmall(own, { product, version: '2.0.0' });
    await server.client.post(`/api/products/${product}/versions/${extra.versionId}/yank`, { as: own.apiKey });
    const { json } = await server.client.get(`/api/products/${product}`, { as: foreign.apiKey });
    expect(json.activeVersion.id).toBe(pair.foreignVersion.versionId);
  });
});

describe('every query', () => {
  it('finds what its owner has', async () => {
    const { own, foreign, product, ownVersion } = pair;
    const { db } = server.deps;
    expect(await findVersion(db, foreign.orgId, product, ownVersion.versionId)).toBeUndefined();
    expect(await findVersion(db, own.orgId, 'other-slug', ownVersion.versionId)).toBeUndefined();
    expect((await findVersion(db, own.orgId, product, ownVersion.versionId))?.id).toBe(ownVersion.versionId);
    expect((await findVersionByNumber(db, foreign.orgId, product, '1.0.0'))?.id).toBe(pair.foreignVersion.versionId);
    const rows = await listVersionRows(db, foreign.orgId, product, { limit: 9, before: undefined });
    expect(rows.map(({ organisation_id }) => organisation_id)).toEqual([foreign.orgId]);
  });

  it('changes what its owner has, and of that the one that is named', async () => {
    const { own, foreign, product, ownVersion, foreignVersion } = pair;
    const { db } = server.deps;
    const second = await server.publishSmall(own, { product, version: '3.0.0', activate: false });
    const snapshot = () => db.selectFrom('versions').selectAll().orderBy('id').execute();
    const packs = () => db.selectFrom('version_packs').selectAll().orderBy('version_id').execute();
    const [before, packsBefore] = [await snapshot(), await packs()];
    const row = await findVersion(db, own.orgId, product, ownVersion.versionId);
    if (!row) throw new Error('the version is gone');
    const content = {
      productHash: row.product_hash,
      manifestSha256: row.manifest_sha256,
      manifestSize: 1,
      activate: true,
      size: 1,
      fileCount: 1,
    };
    const verified = { archiveSize: 1, archiveEtag: '"x"', manifestJws: 'x' };
    await db.transaction().execute(async (tx) => {
      await markYanked(tx, foreign.orgId, ownVersion.versionId, new Date());
      await activateWhenReady(tx, foreign.orgId, ownVersion.versionId);
      await replaceContent(tx, foreign.orgId, ownVersion.versionId, content);
      const asForeign = { ...row, organisation_id: foreign.orgId };
      expect(await markReady(tx, asForeign, verified, new Date())).toBe(false);
      expect(await markFailed(tx, asForeign, [])).toBe(false);
      expect(await markReady(tx, row, verified, new Date())).toBe(false);
      expect(await markFailed(tx, row, [])).toBe(false);
    });
    expect(await snapshot()).toEqual(before);
    expect(await packs()).toEqual(packsBefore);
    await db.transaction().execute((tx) => replaceContent(tx, own.orgId, second.versionId, content));
    await db.transaction().execute((tx) => activateWhenReady(tx, own.orgId, second.versionId));
    const changed = (await snapshot()).filter(
      (after) => !before.some((old) => JSON.stringify(old) === JSON.stringify(after)),
    );
    expect(changed.map(({ id }) => id)).toEqual([second.versionId]);
    expect((await packs()).map(({ version_id }) => version_id)).not.toContain(second.versionId);
    expect((await packs()).map(({ version_id }) => version_id)).toEqual(
      expect.arrayContaining([ownVersion.versionId, foreignVersion.versionId]),
    );
    await db.transaction().execute((tx) => markYanked(tx, own.orgId, ownVersion.versionId, new Date()));
    expect((await snapshot()).filter(({ status }) => status === 'yanked').map(({ id }) => id)).toContain(
      ownVersion.versionId,
    );
    expect((await findVersion(db, foreign.orgId, product, foreignVersion.versionId))?.status).toBe('ready');
  });
});
