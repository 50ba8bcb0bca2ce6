import { readdir } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createOrganisation } from './account.ts';
import { call, mint } from './api.ts';
import { freePort } from './ports.ts';
import { noise } from './random.ts';
import { createProduct, onePack, postManifest, putPack } from './release.ts';
import { continuity, run } from './run.ts';
import type { Scene } from './scene.ts';
import { databasePid, isAlive, type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';

/** Several processes, shutdown under load, a killed parent, and starts that cannot work. */
export async function running(tally: Tally, scene: Scene): Promise<void> {
  await wrongConfiguration(tally, scene);
  const server = await startServer(scene, { env: { WEB_CONCURRENCY: '2' } });
  const { apiKey, orgId } = await createOrganisation(server, 'running-company');
  const publisher = { url: server.url, key: apiKey, vendorId: orgId };
  const files = Array.from({ length: 12 }, (_, i) => ({ path: `${i}`, bytes: noise(`run ${i}`, 1_300_000) }));
  const { pack, manifest } = onePack(files);
  await createProduct(publisher, 'large');
  await putPack(publisher, pack);
  const posted = await postManifest(publisher, 'large', '1.0.0', manifest, { activate: true });
  const { json } = await untilReady(publisher, 'large', posted);
  tally.check('WEB_CONCURRENCY=2 publishes', json.status === 'ready', json);
  await shutdownUnderLoad(tally, server, apiKey, Number(json.archiveSize));

  const second = await startServer(scene, { dataDir: server.dataDir, port: server.port });
  await killedParent(tally, scene, second);
  await portTaken(tally, scene);
}

async function shutdownUnderLoad(tally: Tally, server: Server, key: string, size: number): Promise<void> {
  const link = await mint(server.url, key, 'large');
  const received = slowly(link, 2_000);
  await pause(500);
  const stopped = server.stop();
  await pause(200);
  const refused = await call('GET', `${server.url}/ping`).catch(() => 'refused');
  tally.check('after SIGTERM nobody is let in', refused === 'refused');
  const bytes = await received;
  tally.check('SIGTERM during a download lets it finish', bytes === size, { bytes, size });
  const { code, ms } = await stopped;
  tally.check('then exit 0, within the limit', code === 0 && ms < 10_000, { code, ms });
  tally.check('and no database', (await databasePid(server.dataDir)) === undefined);
}

/** Reads a response that takes about `ms`, whatever the server's haste; answers its bytes. */
function slowly(url: string, ms: number): Promise<number> {
  return new Promise((resolve) => {
    let bytes = 0;
    const request = get(url, { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes < chunk.length + 65_536) {
          response.pause();
          setTimeout(() => response.resume(), ms);
        }
      });
      response.on('close', () => resolve(bytes));
      response.on('error', () => resolve(bytes));
    });
    request.on('error', () => resolve(bytes));
  });
}

async function killedParent(tally: Tally, scene: Scene, server: Server): Promise<void> {
  const children = await childrenOf(server.pid);
  tally.check('the worker is a child', children.length === 1, children);
  const database = await databasePid(server.dataDir);
  await server.stop('SIGKILL');
  for (let i = 0; i < 300 && children.some(isAlive); i++) await pause(20);
  tally.check('kill -9 of the parent: its worker goes', !children.some(isAlive));
  const joined = await startServer(scene, { dataDir: server.dataDir, port: server.port });
  tally.check('the next start works', (await call('GET', `${joined.url}/readyz`)).status === 200);
  const now = await databasePid(server.dataDir);
  tally.note(database === now ? 'it joined the orphaned database' : 'the worker had stopped the database');
  tally.check('and stops cleanly', (await joined.stop()).code === 0);
  tally.check('the database too', (await databasePid(server.dataDir)) === undefined);
}

async function portTaken(tally: Tally, scene: Scene): Promise<void> {
  const taken = createServer(() => undefined);
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  scene.onEnd(async () => taken.close());
  for (const env of [{}, { WEB_CONCURRENCY: '2' }, { ADMIN_PORT: String(port), PORT: String(await freePort()) }]) {
    const server = await startServer(scene, { port, env, rash: true });
    const code = await Promise.race([server.exited, pause(30_000, 'still running')]);
    const what = Object.keys(env)[0] ?? 'PORT';
    const said = server.output();
    const clear = code === 1 && said.includes(String(port)) && /in use/.test(said) && !/\n\s+at /.test(said);
    tally.check(`a port that is taken (${what}): a sentence, exit 1`, clear, { code, said });
    const alone = (await childrenOf(server.pid)).length === 0 && !isAlive(-server.pid);
    tally.check(`nothing stays behind (${what})`, alone && (await databasePid(server.dataDir)) === undefined);
  }
}

async function wrongConfiguration(tally: Tally, scene: Scene): Promise<void> {
  const env = {
    DATA_DIR: await scene.folder(),
    NODE_ENV: 'production',
    PORT: 'eighty',
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    BLOB_STORE: 'ftp://x',
    TLS_CERT_FILE: 'cert.pem',
    LOG_LEVEL: 'loud',
    WEB_CONCURRENCY: '0',
    TRUST_PROXY: 'everyone',
  };
  const { code, err } = await continuity(['serve'], env);
  const named = [
    'PORT',
    'PUBLIC_URL',
    'MASTER_KEY',
    'BLOB_STORE',
    'TLS_KEY_FILE',
    'LOG_LEVEL',
    'WEB_CONCURRENCY',
    'TRUST_PROXY',
  ];
  const absent = named.filter((name) => !err.includes(name));
  tally.check('a wrong configuration names everything at once, exit 2', code === 2 && absent.length === 0, {
    absent,
    err,
  });
  tally.check('without a stack trace', !/\n\s+at /.test(err), err);
  const MASTER_KEY = '00'.repeat(32);
  const away = { DATA_DIR: env.DATA_DIR, MASTER_KEY, DATABASE_URL: 'postgres://u:secret@127.0.0.1:1/none' };
  const ran = await continuity(['serve'], away);
  const clear = ran.code === 1 && ran.err.length > 20 && !/\n\s+at /.test(ran.err) && !ran.err.includes('secret');
  tally.check('a database that is not there: a sentence, exit 1', clear, ran);
  tally.check('nothing was created', (await readdir(join(env.DATA_DIR))).length === 0);
}

async function childrenOf(pid: number): Promise<number[]> {
  const { out } = await run('ps', ['-o', 'pid=,args=', '--ppid', String(pid)]);
  return out
    .split('\n')
    .filter((line) => line.includes('continuity'))
    .map((line) => Number.parseInt(line, 10));
}
