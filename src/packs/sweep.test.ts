import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packKey } from '../blobs/keys.ts';
import { LOCKS } from '../db/locks.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { condemn } from './queries.ts';
import { sweepPacks } from './sweep.ts';

let server: TestServer;
let own: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  own = await server.createAccount('member');
});
afterAll(() => server.stop());

const put = async (text: string) => {
  const path = `/api/blob/${own.orgId}/packs/pack-${sha256(text)}`;
  return (await server.client.put(path, { as: own.apiKey, body: Buffer.from(text) })).status;
};
const old = async (...texts: string[]) => {
  for (const text of texts) await put(text);
  const hashes = texts.map((text) => Buffer.from(sha256(text), 'hex'));
  await server.deps.db
    .updateTable('packs')
    .set({ last_seen_at: sql`now() - interval '49 hours'` })
    .where('sha256', 'in', hashes)
    .execute();
  return hashes;
};
const stored = (text: string) => server.deps.blobs.size(packKey(own.orgId, sha256(text)));
const check = async (text: string) => {
  const json = { vendorId: own.orgId, packHashes: [sha256(text)] };
  return (await server.client.post('/api/pack-check', { as: own.apiKey, json })).json.existing.length as number;
};
const erase = (organisationId: string, hash: string) => server.deps.blobs.delete(packKey(organisationId, hash));
const sweep = (by = erase) => sweepPacks(server.deps.db, 48, by);

it('a crash before the first byte is erased leaves the pack absent, and the next run erases it', async () => {
  const [sha = Buffer.alloc(0)] = await old('condemned');
  await condemn(server.deps.db, [{ organisationId: own.orgId, sha256: sha }], 48);
  expect([await check('condemned'), await stored('condemned'), await put('condemned')]).toEqual([0, 9, 503]);
  expect(await sweep()).toEqual({ erased: 1, skipped: false });
  expect([await stored('condemned'), await put('condemned'), await check('condemned')]).toEqual([undefined, 200, 1]);
});

it('a crash between two packs leaves both absent, and the next run erases the rest', async () => {
  await old('one', 'two');
  let calls = 0;
  const breaking = async (organisationId: string, hash: string) => {
    calls += 1;
    if (calls === 2) throw new Error('crash');
    await erase(organisationId, hash);
  };
  await expect(sweep(breaking)).rejects.toThrow('crash');
  expect([await check('one'), await check('two')]).toEqual([0, 0]);
  const sizes = [await stored('one'), await stored('two')];
  expect(sizes.filter((size) => size === undefined)).toHaveLength(1);
  expect(await sweep()).toEqual({ erased: 2, skipped: false });
  expect([await stored('one'), await stored('two')]).toEqual([undefined, undefined]);
  expect([await put('one'), await put('two')]).toEqual([200, 200]);
});

it('a sweeper whose connection broke stops, and no upload is lost to it', async () => {
  const texts = Array.from({ length: 25 }, (_, i) => `broken ${i}`);
  await old(...texts);
  const answers: number[] = [];
  const breaking = async (organisationId: string, hash: string) => {
    if (answers.length > 0) return erase(organisationId, hash);
    answers.push(0);
    await sql`select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and mode = 'ExclusiveLock' and objid = ${LOCKS.packs}::bigint
      and database = (select oid from pg_database where datname = current_database())`.execute(server.deps.db);
    const text = texts.find((one) => sha256(one) === hash) ?? '';
    answers[0] = await put(text);
    await erase(organisationId, hash);
  };
  await expect(sweep(breaking)).rejects.toThrow();
  expect(answers).toEqual([503]);
  const left = (await Promise.all(texts.map(stored))).filter((size) => size !== undefined);
  expect(left).toHaveLength(15);
  expect((await sweep()).erased).toBe(25);
  for (const text of texts) expect([await put(text), await stored(text)]).toEqual([200, text.length]);
});

it('an upload during the sweep waits for it and is told to send its bytes again', async () => {
  await old('meanwhile');
  let upload: Promise<number> | undefined;
  await sweep(async (organisationId, hash) => {
    upload = put('meanwhile');
    // It waits in the database, for the lock that is held here.
    await untilSomebodyWaits(server.deps.db);
    await erase(organisationId, hash);
  });
  expect(await upload).toBe(503);
  expect([await check('meanwhile'), await put('meanwhile'), await stored('meanwhile')]).toEqual([0, 200, 9]);
});

it('more than one batch goes in one run', async () => {
  const texts = Array.from({ length: 103 }, (_, i) => `many ${i}`);
  await old(...texts);
  expect(await sweep()).toEqual({ erased: 103, skipped: false });
});

it('says that it was skipped while a backup holds the packs, and takes nothing', async () => {
  await old('backed up');
  await server.deps.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock_shared(${LOCKS.packs}::bigint)`.execute(tx);
    expect(await sweep()).toEqual({ erased: 0, skipped: true });
  });
  expect([await stored('backed up'), await check('backed up')]).toEqual([9, 1]);
});
