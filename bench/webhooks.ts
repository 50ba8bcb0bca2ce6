import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { atEnd } from './ending.ts';
import { median } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const EVENTS = 5_000;
const CONNECTIONS = 16;
const SECRET = 'whsec_bench_0123456789abcdef';
const PRODUCT = 'bench-product';

/** 5,000 signed Stripe events at 16 connections: how long an answer takes, and how fast they are applied. */
export async function run(rounds = 3): Promise<string> {
  const server = await startServer();
  await publish(server);
  await setSecret(server);
  const database = await startEmbedded(server.dataDir, silent);
  atEnd(database.stop);
  const { pool, close } = connect({ connectionString: database.connectionString, max: 1, log: silent });
  atEnd(close);
  const count = async (table: string, where: string) =>
    Number((await pool.query(`select count(*)::int n from ${table} where ${where}`)).rows[0].n);
  const p99s: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const times = await sendAll(server, round);
    const sent = performance.now() - started;
    while ((await count('webhook_deliveries', `status = 'received'`)) > 0) await pause(50);
    const seconds = (performance.now() - started) / 1000;
    times.sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
    p99s.push(p99);
    rates.push(EVENTS / seconds);
    const made = await count('purchases', `order_id like 'pi_${round}_%'`);
    if (made !== EVENTS) throw new Error(`${made} purchases of ${EVENTS}`);
    const p50 = (times[times.length >> 1] ?? 0).toFixed(1);
    console.log(
      `round ${round + 1}: answers p50 ${p50} p99 ${p99.toFixed(1)} ms, ${(EVENTS / (sent / 1000)).toFixed(0)} taken and ${(EVENTS / seconds).toFixed(0)} applied per second, ${made} purchases · load ${loadavg()[0]?.toFixed(1)}`,
    );
    // The mails of this round would compete with the next.
    while ((await count('graphile_worker._private_jobs', 'true')) > 0) await pause(200);
  }
  const p99 = median(p99s).toFixed(1);
  return `webhooks: p99 ${p99} ms, ${median(rates).toFixed(0)} applied/s, ${EVENTS} purchases of ${EVENTS} (median of ${rounds}; targets below 50 ms, 300/s)`;
}

async function publish(server: Server): Promise<void> {
  const folder = join(await temporaryFolder(), 'content');
  await mkdir(folder);
  await writeFile(join(folder, 'readme.txt'), 'content');
  await server.command(['publish', folder, '--product', PRODUCT, '--version', '1.0.0', '--activate']);
}

async function setSecret({ url, apiKey }: Server): Promise<void> {
  const { status } = await fetch(`${url}/api/integrations/stripe`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret: SECRET }),
  });
  if (status !== 200) throw new Error(`the secret was answered ${status}`);
}

/** Milliseconds that each answer took. */
async function sendAll({ url }: Server, round: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times: number[] = [];
  let next = 0;
  const work = async () => {
    for (let n = next++; n < EVENTS; n = next++)
      times.push(await send(agent, `${url}/webhooks/stripe`, event(round, n)));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return times;
}

function event(round: number, n: number): string {
  const object = {
    id: `cs_${round}_${n}`,
    object: 'checkout.session',
    amount_total: 4990,
    currency: 'eur',
    created: 1679600215,
    customer_details: { email: `buyer${n}@example.com`, name: 'Jenny Rosen' },
    metadata: { continuata_product_id: PRODUCT, continuata_org_id: 'bench' },
    mode: 'payment',
    payment_intent: `pi_${round}_${n}`,
    payment_status: 'paid',
    // A real event is about this large.
    custom_text: 'x'.repeat(2_000),
  };
  return JSON.stringify({
    id: `evt_${round}_${n}`,
    object: 'event',
    type: 'checkout.session.completed',
    data: { object },
  });
}

function send(agent: Agent, url: string, body: string): Promise<number> {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex');
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Stripe-Signature': `t=${at},v1=${signature}`,
  };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - started);
        else reject(new Error(`answered ${response.statusCode}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
