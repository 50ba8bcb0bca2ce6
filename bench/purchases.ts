import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Kysely, sql } from 'kysely';
import type { DB } from '../generated/database.ts';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { atEnd } from './ending.ts';
import { requireLittle, watchMemory } from './memory.ts';
import { execute, residentMemory } from './program.ts';
import { alternate, median, printMedians } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const ROWS = 1_000_000;

/** GET /api/purchases: a million of them as one JSON array, with what it costs in memory. */
export async function run(rounds = 5): Promise<string> {
  const server = await startServer();
  const embedded = await startEmbedded(server.dataDir, silent);
  atEnd(embedded.stop);
  const { db, close } = connect({
    connectionString: embedded.connectionString,
    max: 1,
    log: silent,
    statementTimeout: 0,
  });
  atEnd(close);
  await fill(db);
  const { pid } = server.program;
  const before = await residentMemory(pid);
  const watch = watchMemory(pid);
  const firstBytes: number[] = [];
  const figures = await alternate(rounds, { ours: () => ask(server, '/dev/null', firstBytes) });
  const growth = (await watch()) - before;
  printMedians('rows/s', figures);
  requireLittle(`${ROWS} rows`, growth);
  console.log(`first byte: ${median(firstBytes).toFixed(0)} ms, at most ${Math.max(...firstBytes).toFixed(0)}`);
  await proveWhole(server);
  const rate = (median(figures.ours) / 1000).toFixed(0);
  return `purchases: ${rate},000 rows/s, ${(growth / 1024 ** 2).toFixed(0)} MiB more (median of ${rounds}; target below 64)`;
}

async function fill(db: Kysely<DB>): Promise<void> {
  await sql`insert into products (organisation_id, id, name) values ('bench', 'epic-drums-v1', 'Epic Drums')`.execute(
    db,
  );
  await sql`insert into purchases (id, organisation_id, product_id, customer_email, customer_name, source, order_id,
      amount, currency, status, refunded_at, purchased_at)
    select n, 'bench', 'epic-drums-v1', 'customer' || n || '@example.com', 'Customer Number ' || n, 'api', 'order-' || n,
      n, 'EUR', case when n % 50 = 0 then 'refunded' else 'paid' end, case when n % 50 = 0 then now() end,
      now() - n * interval '20 seconds'
    from generate_series(1, ${ROWS}) n`.execute(db);
  await sql`vacuum analyze purchases`.execute(db);
}

/** Rows per second of one whole answer. */
async function ask(server: Server, file: string, firstBytes: number[] = []): Promise<number> {
  const format = '%{http_code} %{time_starttransfer} %{time_total}';
  const { stdout } = await execute('curl', [
    ...['-s', '-o', file, '-w', format, '-H', `Authorization: Bearer ${server.apiKey}`],
    `${server.url}/api/purchases`,
  ]);
  const [status, first = 0, total = 0] = stdout.split(' ').map(Number);
  if (status !== 200) throw new Error(`the list was ${stdout}`);
  firstBytes.push(first * 1000);
  return ROWS / total;
}

/** Each line holds one purchase, the last recorded first. */
async function proveWhole(server: Server): Promise<void> {
  const file = join(await temporaryFolder(), 'purchases.json');
  await ask(server, file);
  let expected = ROWS;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { id } = JSON.parse(line.replace(/^\[/, '').replace(/[,\]]$/, '')) as { id: string };
    if (Number(id) !== expected--) throw new Error(`purchase ${id} is where ${expected + 1} was expected`);
  }
  if (expected !== 0) throw new Error(`${expected} purchases are missing`);
}
