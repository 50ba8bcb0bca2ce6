import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Account, createOrganisation } from './account.ts';
import { type Answer, call } from './api.ts';
import { createProduct, onePack, postManifest, putPack } from './release.ts';
import type { Scene } from './scene.ts';
import { type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';
import { signatureOf } from './webhook_signing.ts';

const SECRET = 'whsec_flow_0123456789abcdef';
const PRODUCT = 'epic-drums-v1';

/** Each vendor's own payload, signed as the vendor does, from the post to a mail whose link downloads the archive. */
export async function webhooks(tally: Tally, scene: Scene): Promise<void> {
  let server = await startServer(scene);
  const account = await createOrganisation(server, 'webhook-company');
  await publish(server, account);
  await prepare(server, account);
  for (const vendor of Object.keys(VENDORS)) await sell(tally, server, account, vendor);
  await sameSale(tally, server, account);
  await refund(tally, server, account);
  await nothingStored(tally, server, account);

  const late = (await fixture('stripe_session'))
    .replaceAll('3MtwBwLkdIwHu7ix28a3tqPa', 'killed')
    .replaceAll('evt_1', 'evt_2');
  const body = late.replace('buyer@', 'killed@').replace('cs_test_a11', 'cs_test_b22');
  const stored = await send('stripe', body);
  await server.killGroup();
  server = await startServer(scene, { dataDir: server.dataDir, port: server.port });
  const mail = await mailTo(server, 'killed@example.com');
  const count = (await purchases(server, account)).filter(
    ({ customerEmail }) => customerEmail === 'killed@example.com',
  );
  tally.check('kill -9 after the answer loses and doubles nothing', stored.status === 200 && count.length === 1, count);
  tally.check('and its mail goes out', mail !== undefined);
  tally.check('no secret in the log', !/whsec_flow|ctw_/.test(server.output()));
}

interface Vendor {
  readonly fixture: string;
  readonly email: string;
  /** What its seller maps; Stripe's metadata name the product. */
  readonly item?: string;
  readonly headers: Readonly<Record<string, string>>;
}

const VENDORS: Readonly<Record<string, Vendor>> = {
  stripe: { fixture: 'stripe_session', email: 'buyer@example.com', headers: {} },
  shopify: {
    fixture: 'shopify_order',
    email: 'jon@example.com',
    item: 'SKU2006-001',
    headers: { 'X-Shopify-Topic': 'orders/paid', 'X-Shopify-Webhook-Id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043' },
  },
  woocommerce: {
    fixture: 'woocommerce_order',
    email: 'john.doe@example.com',
    item: '93',
    headers: { 'X-WC-Webhook-Topic': 'order.created', 'X-WC-Webhook-Delivery-ID': '36e520ebabc2fa725092ff4a47acedf2' },
  },
  fastspring: { fixture: 'fastspring_orders', email: 'ned@example.com', item: 'epic-drum-kit', headers: {} },
  vibracartpro: { fixture: 'vibracartpro_order', email: 'vera@example.com', item: 'epic-drums-001', headers: {} },
};

const urls = new Map<string, string>();

const fixture = (name: string): Promise<string> =>
  readFile(new URL(`fixtures/webhooks/${name}.json`, import.meta.url), 'utf8');

async function publish(server: Server, { apiKey, orgId }: Account): Promise<void> {
  const publisher = { url: server.url, key: apiKey, vendorId: orgId };
  const { pack, manifest } = onePack([{ path: 'kick.txt', bytes: Buffer.from('boom') }]);
  await createProduct(publisher, PRODUCT);
  await putPack(publisher, pack);
  const posted = await postManifest(publisher, PRODUCT, '1.0.0', manifest, { activate: true });
  await untilReady(publisher, PRODUCT, posted);
}

async function prepare(server: Server, { apiKey: key }: Account): Promise<void> {
  for (const [vendor, { item }] of Object.entries(VENDORS)) {
    const json = vendor === 'vibracartpro' ? {} : { secret: SECRET };
    const set = await call('PUT', `${server.url}/api/integrations/${vendor}`, { key, json });
    if (set.status !== 200) throw new Error(`${vendor}: ${set.text}`);
    urls.set(vendor, String(set.json.webhookUrl));
    const mapping = { vendor, externalId: item };
    if (item !== undefined)
      await call('POST', `${server.url}/api/products/${PRODUCT}/external-mappings`, { key, json: mapping });
  }
}

function send(vendor: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const all = {
    ...VENDORS[vendor]?.headers,
    ...signatureOf(vendor, body, SECRET),
    'content-type': 'application/json',
    ...headers,
  };
  return call('POST', urls.get(vendor) ?? '', { bytes: Buffer.from(body), headers: all });
}

async function sell(tally: Tally, server: Server, account: Account, vendor: string): Promise<void> {
  const { fixture: name, email } = VENDORS[vendor] ?? { fixture: '', email: '' };
  const body = await fixture(name);
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(vendor, body)));
  const taken = answers.every(({ status }) => status === 200);
  const mail = await mailTo(server, email);
  const link = /https?:\/\/[^\s"<]+\/download\?token=[0-9a-f]{64}/.exec(mail ?? '')?.[0] ?? server.url;
  const archive = await call('GET', link);
  const good = taken && archive.status === 200 && archive.bytes.includes('boom');
  tally.check(`${vendor}: from the post to a mail whose link downloads`, good, [answers[0]?.text, archive.status]);
  const made = (await purchases(server, account)).filter(({ source }) => source === vendor);
  const mails = (await readMails(server)).filter((text) => text.includes(`To: ${email}`));
  tally.check(`${vendor}: sent ten times is one purchase, one mail`, made.length === 1 && mails.length === 1, [
    made,
    mails.length,
  ]);
}

/** What else Stripe says of the payment, and what WooCommerce sends when a webhook is saved. */
async function sameSale(tally: Tally, server: Server, account: Account): Promise<void> {
  const answers: Answer[] = [];
  for (const name of ['stripe_payment_intent', 'stripe_charge'])
    answers.push(await send('stripe', await fixture(name)));
  const form = { 'X-WC-Webhook-Signature': '', 'content-type': 'application/x-www-form-urlencoded' };
  answers.push(await send('woocommerce', 'webhook_id=7', form));
  const key = account.apiKey;
  let applied: { type: string; status: string }[] = [];
  const isDone = () =>
    applied.filter(({ type, status }) => /^(payment_intent|charge)/.test(type) && status === 'applied');
  for (let i = 0; i < 200 && isDone().length < 2; i++, await pause(50))
    applied = JSON.parse((await call('GET', `${server.url}/api/webhooks/deliveries?limit=200`, { key })).text);
  const sold = (await purchases(server, account)).filter(({ source }) => source === 'stripe');
  const good = answers.every(({ status }) => status === 200) && isDone().length === 2 && sold.length === 1;
  tally.check('stripe: payment intent and charge of the same sale make no second', good, [applied, sold]);
}

async function refund(tally: Tally, server: Server, account: Account): Promise<void> {
  await send('stripe', await fixture('stripe_refund'));
  await send('shopify', await fixture('shopify_refund'), {
    'X-Shopify-Topic': 'refunds/create',
    'X-Shopify-Webhook-Id': 'refund',
  });
  const body = (await fixture('woocommerce_order')).replace('"processing"', '"refunded"');
  await send('woocommerce', body, {
    'X-WC-Webhook-Topic': 'order.updated',
    'X-WC-Webhook-Delivery-ID': 'r',
  });
  await send('fastspring', await fixture('fastspring_return'));
  let refunded: string[] = [];
  for (let i = 0; i < 200 && refunded.length < 4; i++, await pause(50))
    refunded = (await purchases(server, account))
      .filter(({ status }) => status === 'refunded')
      .map(({ source }) => source);
  const expected = ['fastspring', 'shopify', 'stripe', 'woocommerce'];
  tally.check('refunds of each vendor that reports them refund', refunded.sort().join() === expected.join(), refunded);
  const mail = (await mailTo(server, 'buyer@example.com')) ?? '';
  const link = /https?:\/\/[^\s"<]+\/download\?token=[0-9a-f]{64}/.exec(mail)?.[0] ?? server.url;
  tally.check('and the mailed link is revoked', (await call('GET', link)).status === 410);
}

async function nothingStored(tally: Tally, server: Server, { apiKey: key, orgId }: Account): Promise<void> {
  const list = async () => (await call('GET', `${server.url}/api/webhooks/deliveries?limit=200`, { key })).text;
  const before = await list();
  const body = await fixture('stripe_session');
  const headers = {
    'content-type': 'application/json',
    'Stripe-Signature': `t=${Math.floor(Date.now() / 1000)},v1=00`,
  };
  const statuses: number[] = [];
  for (const path of ['/webhooks/stripe', `/webhooks/${orgId}/stripe`, '/webhooks/nobody/stripe'])
    statuses.push((await call('POST', server.url + path, { bytes: Buffer.from(body), headers })).status);
  tally.check('a wrong signature or organisation is 401 alike', statuses.join() === '401,401,401', statuses);
  tally.check('and nothing was stored', before === (await list()));
}

interface Sold {
  readonly source: string;
  readonly status: string;
  readonly customerEmail: string;
}

async function purchases(server: Server, { apiKey: key }: Account): Promise<Sold[]> {
  return JSON.parse((await call('GET', `${server.url}/api/purchases`, { key })).text) as Sold[];
}

/** Every `.eml` file, with the line breaks of quoted-printable undone (RFC 2045 §6.7). */
async function readMails({ dataDir }: Server): Promise<string[]> {
  const folder = join(dataDir, 'mail');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => text.replace(/=\r\n/g, '').replace(/=3D/g, '='));
}

async function mailTo(server: Server, email: string): Promise<string | undefined> {
  for (let i = 0; i < 300; i++, await pause(50)) {
    const mail = (await readMails(server)).find((text) => text.includes(`To: ${email}`));
    if (mail !== undefined) return mail;
  }
  return undefined;
}
