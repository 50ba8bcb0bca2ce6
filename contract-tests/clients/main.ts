import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import document from '../../generated/openapi.json' with { type: 'json' };
import { documented } from '../../src/testing/document.ts';
import { attempt } from './attempt.ts';
import type { Client } from './client.ts';
import { fingerprints, readResults, table, writeResults } from './results.ts';
import { startServer } from './server.ts';

/**
 * `npm run test:clients [-- --if-changed] [NAME…]`: makes a client in every language out of the document that the
 * server serves, compiles it, and runs the same scenario through it. A whole run without a problem rewrites
 * results.json and README's table. `--if-changed` does nothing when results.json is of this document and these programs.
 */
const args = process.argv.slice(2);
const wanted = args.filter((arg) => arg !== '--if-changed');
const entries = await readdir(new URL('.', import.meta.url), { withFileTypes: true });
const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No such client: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  process.exit(2);
}
const now = await fingerprints();
if (args.includes('--if-changed')) {
  const { rows = [], ...then } = await readResults().catch(() => ({ rows: undefined }));
  if (isDeepStrictEqual(then, now)) {
    console.log(`clients: ${rows.length} not run again, since neither the document nor their programs changed`);
    process.exit();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'continuity-clients-'));
const server = await startServer();
try {
  const ground = { server, folder, bundlePath: join(folder, 'openapi.json'), operations: documented.length };
  await writeFile(ground.bundlePath, await servedDocument());
  // Two at a time: while one downloads its packages, another compiles.
  const limit = pLimit(2);
  const run = async (name: string) => {
    const { client } = (await import(`./${name}/client.ts`)) as { client: Client };
    const tried = await attempt(client, name, ground);
    for (const problem of tried.problems) console.error(`FAIL ${name}: ${problem}`);
    return tried;
  };
  const tried = await Promise.all((wanted.length > 0 ? wanted : names).map((name) => limit(run, name)));
  const rows = tried.map(({ row }) => row);
  const good = tried.filter(({ problems }) => problems.length === 0).length;
  console.log(`${table(rows)}clients: ${rows.length} run, ${good} without a problem`);
  if (wanted.length === 0 && good === rows.length) await writeResults({ ...now, rows });
  process.exitCode = good === rows.length ? 0 : 1;
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** What an integrator gets, which must be of this tree. */
async function servedDocument(): Promise<string> {
  const response = await fetch(`${server.url}/openapi.json`);
  const text = await response.text();
  const served = response.status === 200 ? (JSON.parse(text) as typeof document) : undefined;
  // Which server it is is all that differs.
  if (!isDeepStrictEqual({ ...served, servers: [] }, { ...document, servers: [] }))
    throw new Error('/openapi.json is not of this tree: npm run build');
  return text;
}
