import { rm, truncate } from 'node:fs/promises';
import { get as request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveKey, keyToPath, packKey } from '../blobs/keys.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { mint } from '../testing/mint.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const pathOf = (key: string) => join(server.deps.config.dataDir, 'blobs', keyToPath(key));

function outcome(path: string, token: string): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(`${server.url}${path}?token=${token}`, { agent: false }, (response) => {
      response.resume();
      response
        .once('close', () => resolve(response.complete ? `complete ${response.statusCode}` : 'cut'))
        .once('error', () => undefined);
    });
    sent.once('error', () => resolve('cut'));
  });
}

it.each(['missing', 'cut'])('a pack that is %s in the folder never makes a short 200', async (damage) => {
  const { product, pack } = await server.publishSmall(admin, { files: { 'a.bin': Buffer.alloc(300_000, damage) } });
  const token = await mint(server, admin, product);
  const path = pathOf(packKey(admin.orgId, pack.sha256));
  await (damage === 'missing' ? rm(path) : truncate(path, 1000));
  for (const url of ['/download', '/download/archive'])
    expect(await outcome(url, token)).toMatch(/^cut$|^complete 50\d$/);
  expect(await outcome(`/download/packs/${pack.sha256}`, token)).toMatch(/^cut$|^complete 50\d$/);
  expect((await server.client.get('/ping')).status).toBe(200);
});

it('an index that is missing is 503, not our mistake', async () => {
  const { product, versionId } = await server.publishSmall(admin);
  const token = await mint(server, admin, product);
  await rm(pathOf(archiveKey(versionId)));
  const { status, json } = await server.client.get('/download/archive', { query: { token } });
  expect([status, json]).toEqual([503, { error: { generic: ['unavailable'] } }]);
});
