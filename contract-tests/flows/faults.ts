import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '../../src/db/embedded.ts';
import { silent } from '../../src/db/log.ts';
import { type Answer, call } from './api.ts';
import type { Scene } from './scene.ts';
import { killDatabase, type Options, type Server, startServer } from './server.ts';
import { openShop, type Shop, shopAt, until } from './shop.ts';
import { emailOf, SECRET, type Signed, signedSales } from './stripe_sales.ts';
import type { Tally } from './tally.ts';

/** Fits a page of a list. */
const EVENTS = 120;
const LANES = 8;

/** A database that goes away in a burst of sales, a server that is killed before it applies one, and what is no sale. */
export async function faults(tally: Tally, scene: Scene): Promise<void> {
  const folder = await scene.folder();
  let database = await startEmbedded(folder, silent);
  scene.onEnd(() => database.stop());
  const env = { DATABASE_URL: database.connectionString, MASTER_KEY: randomBytes(32).toString('hex') };
  const server = await startServer(scene, { env });
  const shop = await openShop(server, 'faults-company');
  await call('PUT', `${server.url}/api/integrations/stripe`, { key: shop.account.apiKey, json: { secret: SECRET } });
  const fall = (end: () => Promise<void>) => async () => {
    await end();
    return async () => {
      database = await startEmbedded(folder, silent);
    };
  };
  await outage(tally, server, shop, [fall(() => database.stop()), fall(() => killDatabase(folder))]);
  await badInput(tally, server, shop);
  const same = { env, dataDir: server.dataDir, port: server.port };
  await killed(tally, scene, { server, shop, same }, database.connectionString);
}

/** Ends the database; what it answers starts it again. */
type Fall = () => Promise<() => Promise<void>>;

async function outage(tally: Tally, server: Server, shop: Shop, falls: readonly Fall[]): Promise<void> {
  const sales = signedSales(shop.account.orgId, 'burst', EVENTS);
  const statuses = new Map<number, number>();
  const count = { taken: 0, refused: 0 };
  // What Stripe does, but for the hours between two tries.
  const deliver = async (sale: Signed) => {
    for (;;) {
      const { status } = await post(server, sale);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 200) {
        count.taken += 1;
        return;
      }
      count.refused += 1;
      await pause(20);
    }
  };
  const burst = inLanes(sales, deliver);
  for (const [i, fall] of falls.entries()) {
    while (count.taken < (EVENTS * (i + 1)) / 4) await pause(1);
    const start = await fall();
    const before = count.refused;
    while (count.refused < before + 2 * LANES) await pause(1);
    await start();
  }
  await burst;
  const expected = [...statuses.keys()].every((status) => status === 200 || status === 503);
  tally.check('the database away in a burst: 200 or 503, which vendors try again', expected, [...statuses]);
  tally.note(`${count.taken} taken, ${count.refused} refused while the database was stopped, and killed`);
  await everySaleOnce(tally, shop, sales.length);
}

/** Purchases, mails and deliveries, as an admin sees them. */
async function everySaleOnce(tally: Tally, shop: Shop, count: number): Promise<void> {
  const settled = await until(
    () => shop.get('/api/mails?status=sent&limit=200'),
    ({ length }) => length >= count,
    60,
  );
  const purchases = await shop.get('/api/purchases');
  const emails = new Set(purchases.map(({ customerEmail }) => customerEmail));
  const whole = purchases.length === count && emails.size === count;
  tally.check('as many purchases as sales, each once', whole, [purchases.length, emails.size]);
  const about = new Set(settled.flatMap(({ purchaseIds }) => purchaseIds as string[]));
  const mails = await shop.get('/api/mails?limit=200');
  tally.check('and as many mails, each sent', mails.length === count && about.size === count, [
    mails.length,
    about.size,
  ]);
  const deliveries = await shop.get('/api/webhooks/deliveries?limit=200');
  const applied = deliveries.filter(({ status }) => status === 'applied');
  tally.check('each listed as applied', deliveries.length === count && applied.length === count, deliveries.length);
}

interface Killed {
  readonly server: Server;
  readonly shop: Shop;
  readonly same: Options;
}

/** Somebody's open transaction keeps the worker from applying; the server dies while it waits. */
async function killed(tally: Tally, scene: Scene, { server, shop, same }: Killed, connectionString: string) {
  const [sale] = signedSales(shop.account.orgId, 'killed', 1);
  if (!sale) throw new Error('no sale');
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query('begin; lock table purchases in access exclusive mode');
  const answer = await post(server, sale);
  const stored = await until(
    () => shop.get('/api/webhooks/deliveries?limit=1'),
    ([delivery]) => delivery?.status === 'received',
  );
  await server.killGroup();
  await client.query('rollback');
  await client.end();
  tally.check('stored, and not applied', answer.status === 200 && stored[0]?.status === 'received', stored);
  const again = shopAt(await startServer(scene, same), shop.account);
  const mails = await until(
    () => again.get(`/api/mails?recipient=${emailOf('killed', 0)}`),
    ([mail]) => mail?.status === 'sent',
  );
  const made = await again.get(`/api/purchases?customerEmail=${emailOf('killed', 0)}`);
  tally.check('kill -9 then: applied once after the restart', made.length === 1 && mails.length === 1, [made, mails]);
}

async function badInput(tally: Tally, server: Server, shop: Shop): Promise<void> {
  const before = await shop.get('/api/webhooks/deliveries?limit=200');
  const [sale, half] = signedSales(shop.account.orgId, 'bad', 2);
  const [old] = signedSales(shop.account.orgId, 'old', 1, -600);
  if (!sale || !old || !half) throw new Error('no sales');
  const large: Signed = { ...sale, body: sale.body + ' '.repeat(10 * 1024 * 1024) };
  const cases: [string, Signed, number, string?][] = [
    ['without a signature', { ...sale, signature: '' }, 401],
    ['with the signature of another', { ...sale, signature: half.signature }, 401],
    ['signed ten minutes ago', old, 401],
    ['without its end', { ...sale, body: sale.body.slice(0, -9) }, 401],
    ['of more than 10 MiB', large, 413],
    ['to nobody', sale, 401, '/webhooks/nobody/stripe'],
  ];
  for (const [what, signed, expected, path] of cases) {
    // Whoever is still sending when the answer comes may not get to read it.
    const cut = { status: signed === large ? 413 : 0, text: 'cut' };
    const { status, text } = await post(server, signed, path).catch(() => cut);
    tally.check(`a post ${what}: ${expected}`, status === expected, [status, text]);
  }
  await breakOff(server, half);
  const after = await shop.get('/api/webhooks/deliveries?limit=200');
  tally.check('nothing of it was stored, nor of one that broke off', after.length === before.length, after[0]);
}

/** Says how long the body is, sends less, and hangs up. */
function breakOff({ port }: Server, { body, signature }: Signed): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      const head = `POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      const lines = `Stripe-Signature: ${signature}\r\nContent-Length: ${body.length}\r\n\r\n`;
      socket.end(head + lines + body.slice(0, -9));
    });
    socket.resume().on('close', () => resolve());
  });
}

function post({ url }: Server, { body, signature }: Signed, path = '/webhooks/stripe'): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(signature && { 'Stripe-Signature': signature }) };
  return call('POST', url + path, { bytes: Buffer.from(body), headers });
}

async function inLanes<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
