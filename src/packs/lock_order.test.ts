import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { touchPacks } from '../manifests/queries.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sha256 } from '../testing/publish_small.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { findPacks } from './queries.ts';

let server: TestServer;
let own: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  own = await server.createAccount('member');
});
afterAll(() => server.stop());

it.each([
  ['findPacks', findPacks],
  [
    'touchPacks',
    (db: typeof server.deps.db, orgId: string, hashes: Buffer[]) =>
      db.transaction().execute((tx) => touchPacks(tx, orgId, hashes)),
  ],
])('%s takes the rows in the order of their hashes, however they are asked for or stored', async (name, ask) => {
  const { db } = server.deps;
  const [low, middle, high] = ['a', 'b', 'c'].map((text) => sha256(name + text)).sort();
  const hashes = [high, middle, low].map((hash) => Buffer.from(hash ?? '', 'hex'));
  for (const hash of hashes) {
    await db.insertInto('packs').values({ organisation_id: own.orgId, sha256: hash, size: 1 }).execute();
  }
  let asked: Promise<unknown> = Promise.resolve();
  const free = await db.transaction().execute(async (tx) => {
    await sql`select from packs where sha256 = ${hashes[1]} for update`.execute(tx);
    asked = ask(db, own.orgId, hashes);
    await untilSomebodyWaits(db);
    const { rows } = await sql<{ sha256: Buffer }>`select sha256 from packs
      where sha256 in (${hashes[0]}, ${hashes[2]}) for update skip locked`.execute(tx);
    return rows.map((row) => row.sha256.toString('hex'));
  });
  expect(free).toEqual([high]);
  await asked;
});
