import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packKey } from '../blobs/keys.ts';
import { findPackSize } from '../downloads/queries.ts';
import { touchPacks } from '../manifests/queries.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sha256 } from '../testing/publish_small.ts';
import { exchangeRaw } from '../testing/raw.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { findPacks } from './queries.ts';

let server: TestServer;
let own: NewAccount;
let foreign: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  [own, foreign] = [await server.createAccount('member'), await server.createAccount('member')];
});
afterAll(() => server.stop());

const put = (bytes: Buffer, options: { as?: NewAccount; vendor?: string; hash?: string } = {}) => {
  const { as = own, vendor = as.orgId, hash = sha256(bytes) } = options;
  return server.client.put(`/api/blob/${vendor}/packs/pack-${hash}`, { as: as.apiKey, body: bytes });
};
const check = (packHashes: string[], as = own, vendorId = as.orgId) =>
  server.client.post('/api/pack-check', { as: as.apiKey, json: { vendorId, packHashes } });

describe('uploading a pack', () => {
  it('stores it under its hash; repeating it is harmless, also at the same time', async () => {
    const bytes = Buffer.from('a pack');
    const answers = await Promise.all([1, 2, 3, 4].map(() => put(bytes)));
    for (const { status, json } of answers) expect([status, json]).toEqual([200, { sha256: sha256(bytes), size: 6 }]);
    expect((await put(bytes)).status).toBe(200);
    expect(await server.deps.blobs.readBuffer(packKey(own.orgId, sha256(bytes)))).toEqual(bytes);
  });

  it('refuses other bytes than those of its name, and keeps nothing of them', async () => {
    const hash = sha256('what it says');
    const { status, json } = await put(Buffer.from('what it is'), { hash });
    expect([status, json]).toEqual([400, { error: { sha256: ['invalid_format'] } }]);
    expect((await check([hash])).json).toEqual({ existing: [] });
    expect(await server.deps.blobs.size(packKey(own.orgId, hash))).toBeUndefined();
  });

  it('refuses wrong bytes for a pack that is there, which stays as it was', async () => {
    const bytes = Buffer.from('good bytes');
    await put(bytes);
    expect((await put(Buffer.from('evil bytes'), { hash: sha256(bytes) })).status).toBe(400);
    expect(await server.deps.blobs.readBuffer(packKey(own.orgId, sha256(bytes)))).toEqual(bytes);
  });

  it('that is cut off stores nothing', async () => {
    const bytes = Buffer.alloc(50_000, 'cut');
    const head = `PUT /api/blob/${own.orgId}/packs/pack-${sha256(bytes)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${own.apiKey}\r\nContent-Type: application/octet-stream\r\nContent-Length: 50000\r\n\r\n`;
    const { connect } = await import('node:net');
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(Buffer.concat([Buffer.from(head), bytes.subarray(0, 30_000)]), () => socket.destroy()),
      );
      socket.once('close', () => resolve());
    });
    expect((await check([sha256(bytes)])).json).toEqual({ existing: [] });
    expect((await put(bytes)).status).toBe(200);
  });

  it.each([
    ['an empty one', () => put(Buffer.alloc(0)), 400, { generic: ['is_blank'] }],
    ['an unfit name', () => put(Buffer.from('x'), { hash: 'x'.repeat(64) }), 404, { sha256: ['not_found'] }],
    [
      'capital letters in the name',
      () => put(Buffer.from('x'), { hash: sha256('x').toUpperCase() }),
      404,
      { sha256: ['not_found'] },
    ],
    ['another’s folder', () => put(Buffer.from('x'), { vendor: foreign.orgId }), 404, { vendorId: ['not_found'] }],
    ['a folder outside', () => put(Buffer.from('x'), { vendor: '..%2F..' }), 404, { vendorId: ['not_found'] }],
  ])('refuses %s', async (_name, send, status, error) => {
    const answer = await send();
    expect([answer.status, answer.json]).toEqual([status, { error }]);
  });

  it('refuses another media type', async () => {
    const options = { as: own.apiKey, body: 'x', headers: { 'content-type': 'application/zip' } };
    expect((await server.client.put(`/api/blob/${own.orgId}/packs/pack-${sha256('x')}`, options)).status).toBe(415);
  });

  it('takes one that is sent in chunks', async () => {
    const head = `PUT /api/blob/${own.orgId}/packs/pack-${sha256('chunk')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${own.apiKey}\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await exchangeRaw(server.url, `${head}5\r\nchunk\r\n0\r\n\r\n`)).toContain('"size":5}');
  });
});

describe('asking which packs are there', () => {
  it('names those, of any number', async () => {
    const bytes = Buffer.from('known');
    await put(bytes);
    const { json } = await check([sha256('unknown'), sha256(bytes), sha256(bytes)]);
    expect(json).toEqual({ existing: [sha256(bytes)] });
  });

  it.each([
    ['none', []],
    ['what is no hash', ['x']],
    ['capital letters', [sha256('a').toUpperCase()]],
    ['a number', [1]],
  ])('refuses %s', async (_name, hashes) => {
    expect((await check(hashes as string[])).status).toBe(400);
  });
});

describe('two organisations with equal packs', () => {
  it('each have their own: what one stored is missing for the other', async () => {
    const bytes = Buffer.from('equal');
    await put(bytes);
    expect((await check([sha256(bytes)], foreign)).json).toEqual({ existing: [] });
    const { status, json } = await check([sha256(bytes)], foreign, own.orgId);
    expect([status, json]).toEqual([404, { error: { vendorId: ['not_found'] } }]);
    await put(bytes, { as: foreign });
    expect((await check([sha256(bytes)], foreign)).json.existing).toEqual([sha256(bytes)]);
  });

  it('keep only their own from the sweeper', async () => {
    const { db } = server.deps;
    const bytes = Buffer.from('touched');
    const hash = Buffer.from(sha256(bytes), 'hex');
    await put(bytes);
    await put(bytes, { as: foreign });
    const old = new Date('2020-01-01');
    const seen = async () => {
      const rows = await db
        .selectFrom('packs')
        .selectAll()
        .where('sha256', '=', hash)
        .where('last_seen_at', '=', old)
        .execute();
      return rows.map(({ organisation_id }) => organisation_id).sort();
    };
    for (const touch of [
      () => findPacks(db, own.orgId, [hash]),
      () => db.transaction().execute((tx) => touchPacks(tx, own.orgId, [hash])),
      () => put(bytes),
    ]) {
      await db.updateTable('packs').set({ last_seen_at: old }).where('sha256', '=', hash).execute();
      await touch();
      expect(await seen()).toEqual([foreign.orgId]);
    }
  });

  it('have a size of a pack only within their own version', async () => {
    const { db } = server.deps;
    const [mine, theirs] = [await server.publishSmall(own), await server.publishSmall(foreign)];
    const other = await server.publishSmall(own, { files: { 'other.txt': 'other' } });
    const hash = Buffer.from(mine.pack.sha256, 'hex');
    expect(await findPackSize(db, own.orgId, mine.versionId, hash)).toBe(mine.pack.bytes.length);
    expect(await findPackSize(db, own.orgId, theirs.versionId, hash)).toBeUndefined();
    expect(await findPackSize(db, foreign.orgId, mine.versionId, hash)).toBeUndefined();
    expect(await findPackSize(db, own.orgId, other.versionId, hash)).toBeUndefined();
    expect(await findPackSize(db, own.orgId, mine.versionId, Buffer.from(other.pack.sha256, 'hex'))).toBeUndefined();
  });
});
