import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createOrganisation, createUser } from './account.ts';
import { call } from './api.ts';
import { createProduct, onePack, postManifest, putPack } from './release.ts';
import { plainEnvironment } from './run.ts';
import type { Scene } from './scene.ts';
import { type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';

const HOST = 'https://continuata.io';
const PORT_LINE = 'app.listen(3000);';

/**
 * What the seed leaves to the shop: `sendDownloadEmail`, here one that keeps its arguments; a way to call
 * `safeMintDownloadUrl` and `sendDownloadEmail` from outside; and, in place of port 3000, a free one.
 */
const SHOP = `
const mails = [];
async function sendDownloadEmail(customerEmail, downloadLinks) { mails.push({ customerEmail, downloadLinks }); }
app.get('/mails', (req, res) => res.json(mails));
app.post('/safe', (req, res) => safeMintDownloadUrl(req.body.productId, req.body.version)
  .then((minted) => res.json(minted), (error) => res.status(500).json({ message: error.message })));
app.use((error, req, res, next) => res.status(500).json({ message: error.message }));
const listening = app.listen(0, '127.0.0.1', () => console.log('port ' + listening.address().port));
`;

interface Shop {
  url: string;
  safe(productId: string, version: string): Promise<{ status: number; json: Record<string, unknown> }>;
}

/** The documentation's own shop runs unchanged but for the host. */
export async function seedExample(tally: Tally, scene: Scene): Promise<void> {
  const server = await startServer(scene);
  const { apiKey, orgId } = await createOrganisation(server, 'the-shop');
  const member = await createUser(server, 'the-shop', 'member');
  const publisher = { url: server.url, key: apiKey, vendorId: orgId };
  const { pack, manifest } = onePack([{ path: 'a', bytes: Buffer.from('hello') }]);
  await createProduct(publisher, 'epic-drums-v1');
  await putPack(publisher, pack);
  await untilReady(publisher, 'epic-drums-v1', await postManifest(publisher, 'epic-drums-v1', '1.0.0', manifest));

  const shop = await startShop(scene, server, apiKey);
  const items = [
    { type: 'digital', name: 'Drums', productId: 'epic-drums-v1', version: '1.0.0' },
    { type: 'shirt', name: 'Shirt' },
  ];
  const paid = await call('POST', `${shop.url}/payment-success`, { json: { customerEmail: 'a@b.example', items } });
  const links = paid.json.downloadLinks as { product: string; downloadUrl: string; expiresAt: string }[] | undefined;
  const [link] = links ?? [];
  const good =
    paid.status === 200 && links?.length === 1 && link?.product === 'Drums' && Date.parse(link.expiresAt) > 0;
  tally.check('POST /payment-success gives a link for the digital item', good, paid);
  const archive = await call('GET', link?.downloadUrl ?? server.url);
  tally.check('the link downloads', archive.status === 200 && archive.bytes.includes('hello'), archive.status);
  const mails = await call('GET', `${shop.url}/mails`);
  tally.check('the mail holds the same link', mails.text.includes(String(link?.downloadUrl)), mails.text);

  const ok = await shop.safe('epic-drums-v1', '1.0.0');
  const keys = Object.keys(ok.json).join();
  const expected = 'success,productId,version,downloadToken,downloadUrl,expiresAt';
  tally.check('200: exactly the seed’s keys in its order', ok.status === 200 && keys === expected, keys);
  const missing = await shop.safe('epic-drums-v1', '9.9.9');
  tally.check('404', missing.json.message === 'No active manifest for epic-drums-v1@9.9.9', missing);
  const unknown = await shop.safe('nothing', '1.0.0');
  tally.check('404 for a product', unknown.json.message === 'No active manifest for nothing@1.0.0', unknown);
  const asMember = await startShop(scene, server, member.apiKey);
  const low = await asMember.safe('epic-drums-v1', '1.0.0');
  tally.check('403', low.json.message === 'Org role too low — generate the key under an admin account', low);
  const stranger = await startShop(scene, server, 'ct_wrong');
  const wrong = await stranger.safe('epic-drums-v1', '1.0.0');
  tally.check('401', wrong.json.message === 'Invalid API key — refresh in Settings → API Key', wrong);
  const failed = await call('POST', `${stranger.url}/payment-success`, {
    json: { customerEmail: 'a@b.example', items },
  });
  const message = 'Continuata API 401: {"error":{"generic":["unauthorized"]}}';
  tally.check('mintDownloadUrl reports status and body', failed.json.message === message, failed.text);
}

async function startShop(scene: Scene, server: Server, key: string): Promise<Shop> {
  const seed = await readFile(new URL('fixtures/seed_shop.txt', import.meta.url), 'utf8');
  if (!seed.includes(PORT_LINE)) throw new Error('the seed’s code is not complete');
  const folder = await scene.folder();
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  const program = join(folder, 'shop.cjs');
  // The comment that mentions /my stays as it is.
  const source = seed.replaceAll(`'${HOST}/`, `'${server.url}/`).replace(PORT_LINE, '') + SHOP;
  await writeFile(program, source);
  const env = plainEnvironment({ CONTINUATA_API_KEY: key });
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  scene.onEnd(async () => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${/port (\d+)/.exec(line.toString())?.[1]}`;
  return {
    url,
    async safe(productId, version) {
      const { status, json } = await call('POST', `${url}/safe`, { json: { productId, version } });
      return { status, json };
    },
  };
}
