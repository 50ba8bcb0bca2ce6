import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { MINT_TOKEN } from '../src/download_tokens/statements.ts';
import { atEnd } from './ending.ts';
import { execute, freePort, startScript, untilAnswers } from './program.ts';
import { requestsPerSecond } from './requests.ts';
import { alternate, median, printMedians, ratio } from './rounds.ts';
import { startServer, temporaryFolder } from './server.ts';

const PRODUCT = 'bench-product';
const SECONDS = 4;

/** POST /api/generate-download-url at 32 connections against a bare Fastify + pg server on the same database. */
export async function run(rounds = 7): Promise<string> {
  const server = await startServer();
  const database = await startEmbedded(server.dataDir, silent);
  atEnd(database.stop);
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'content'));
  await writeFile(join(folder, 'content', 'readme.txt'), 'content');
  await server.command(['publish', join(folder, 'content'), '--product', PRODUCT, '--version', '1.0.0', '--activate']);
  await analyse(database.connectionString);

  const port = await freePort();
  const log = join(folder, 'baseline.log');
  startScript('baselines/mint_fastify.ts', [database.connectionString, String(port)], log);
  await untilAnswers(`http://127.0.0.1:${port}/ready`);

  const mintAt = (origin: string) => () =>
    requestsPerSecond({
      url: `${origin}/api/generate-download-url`,
      method: 'POST',
      headers: { Authorization: `Bearer ${server.apiKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ productId: PRODUCT, version: '1.0.0' }),
    });
  const script = join(folder, 'mint.sql');
  await writeFile(script, pgbenchScript(server.apiKey));
  const pgbench = await hasPgbench();
  if (!pgbench) console.log('pgbench is not installed (Debian: postgresql-contrib); going on without it');
  const contenders = { ours: mintAt(server.url), 'fastify+pg': mintAt(`http://127.0.0.1:${port}`) };
  for (const warmUp of Object.values(contenders)) await warmUp();
  const figures = await alternate<string>(rounds, {
    ...contenders,
    ...(pgbench && { pgbench: () => transactionsPerSecond(database.connectionString, script) }),
  });
  printMedians('requests/s', figures);
  const { ours = [], 'fastify+pg': theirs = [], pgbench: bare } = figures;
  if (bare) console.log(`of pgbench with the same SQL, 32 clients: ${(median(ours) / median(bare)).toFixed(2)}`);

  return `mint: ${ratio(ours, theirs).toFixed(2)} of fastify+pg (median of ${rounds}; target 1.0)`;
}

/** Statistics as autovacuum would have them after a while, so that no contender meets a plan for empty tables. */
async function analyse(connectionString: string): Promise<void> {
  const { pool, close } = connect({ connectionString, max: 1, log: silent });
  await pool.query('vacuum analyze');
  await close();
}

/** MINT_TOKEN with the values of a mint; pgbench makes the unique ones. */
function pgbenchScript(apiKey: string): string {
  const hash = createHash('sha256').update(apiKey).digest('hex');
  const columns = [
    `'\\x${hash}'::bytea`,
    'null',
    `'${PRODUCT}'`,
    `'1.0.0'`,
    ':id',
    `decode(lpad(to_hex(:id::bigint), 64, '0'), 'hex')`,
    `now() + interval '1 day'`,
    'null',
    'null',
    'null',
    'null',
    ':id',
    'null',
  ];
  const values = [`'{owner,admin,member}'`, ...columns.map((value) => `array[${value}]`)];
  const sql = MINT_TOKEN.text.replace(/\$(\d+)/g, (_match, number) => `(${values[Number(number) - 1]})`);
  return `\\set id random(1, 9000000000000000000)\n${sql.replace(/\s+/g, ' ')};\n`;
}

async function hasPgbench(): Promise<boolean> {
  return execute('pgbench', ['--version']).then(
    () => true,
    () => false,
  );
}

async function transactionsPerSecond(connectionString: string, script: string): Promise<number> {
  const options = ['--no-vacuum', '--protocol=prepared', '--client=32', '--jobs=1', `--time=${SECONDS}`];
  const { stdout } = await execute('pgbench', [...options, `--file=${script}`, connectionString]);
  return Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
}
