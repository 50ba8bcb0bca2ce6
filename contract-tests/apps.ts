import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { BlobStore } from '../src/blobs/store.ts';
import { connect, type Database } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import type { Hot } from '../src/db/hot.ts';
import { silent } from '../src/db/log.ts';
import { serveOn, type TestServer } from '../src/testing/serve_on.ts';

export interface Apps {
  readonly working: TestServer;
  /** Its database refuses connections and its storage fails. */
  readonly down: TestServer;
  /** Meets an error that nobody expects, in every operation. */
  readonly faulty: TestServer;
  /** As an operator would run it who forgot TLS. */
  readonly production: TestServer;
  stop(): Promise<void>;
}

/** Four applications over one embedded database in a temporary folder. */
export async function startApps(): Promise<Apps> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-contract-'));
  await chmod(folder, 0o755);
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum: 'off' };
  const database = await startEmbedded(folder, silent, settings);
  const dead = connect({ connectionString: 'postgresql://nobody@127.0.0.1:1/nothing', max: 1, log: silent });
  const at = database.connectionString;
  const started: TestServer[] = [];
  const start = async (options: Parameters<typeof serveOn>[1]) => {
    const server = await serveOn(at, options);
    started.push(server);
    return server;
  };
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await dead.close();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return {
      working: await start({}),
      down: await start({
        deps: (real) => ({ ...real, db: dead.db, hot: unreachable(dead.db), blobs: failing(real.blobs) }),
      }),
      faulty: await start({
        app: (app) =>
          void Object.defineProperty(app.request, 'querystring', {
            get: () => {
              throw new Error('a fault made by the contract tests');
            },
          }),
      }),
      production: await start({ config: { NODE_ENV: 'production', PUBLIC_URL: 'https://downloads.example' } }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Fails as `hot` does, without its wait of two seconds for the connection to come back. */
function unreachable(db: Database['db']): Hot {
  const refuse = async () => (await sql`select`.execute(db)).rows as never;
  return { query: refuse, write: refuse, close: async () => undefined };
}

function failing(store: BlobStore): BlobStore {
  const refuse = () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  return { ...store, put: refuse, read: refuse, readBuffer: refuse, size: refuse, delete: refuse, check: refuse };
}
