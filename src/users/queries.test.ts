import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { findUser, replaceApiKey } from './queries.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

it('finds and changes a user of the named organisation only', async () => {
  const { db } = server.deps;
  const [own, foreign] = [await server.createAccount('member'), await server.createAccount('member')];
  expect(await findUser(db, own.orgId, own.userId)).toMatchObject({ email: own.email, organisation_id: own.orgId });
  expect(await findUser(db, foreign.orgId, own.userId)).toBeUndefined();
  const replace = (org: string) =>
    db.transaction().execute((tx) => replaceApiKey(tx, org, own.userId, Buffer.alloc(32, 1), new Date()));
  await replace(foreign.orgId);
  expect((await server.client.get('/whoami', { as: own.apiKey })).status).toBe(200);
  await replace(own.orgId);
  expect((await server.client.get('/whoami', { as: own.apiKey })).status).toBe(401);
  expect((await server.client.get('/whoami', { as: foreign.apiKey })).status).toBe(200);
});
