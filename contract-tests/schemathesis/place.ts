import { randomBytes } from 'node:crypto';
import { startEmbedded } from '../../src/db/embedded.ts';
import { silent } from '../../src/db/log.ts';
import { serveOn, type TestServer } from '../../src/testing/serve_on.ts';
import type { Scene } from '../flows/scene.ts';
import { startServer } from '../flows/server.ts';

export interface Place {
  /** The built program, which is asked. */
  readonly url: string;
  /** Ours over the same database and folder, which makes what is asked for. */
  readonly maker: TestServer;
}

/** The built server on an embedded database that need not survive a power cut. */
export async function openPlace(scene: Scene): Promise<Place> {
  const folder = await scene.folder();
  const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };
  const database = await startEmbedded(folder, silent, settings);
  scene.onEnd(() => database.stop());
  const shared = { DATA_DIR: folder, MASTER_KEY: randomBytes(32).toString('base64') };
  const { url } = await startServer(scene, {
    dataDir: folder,
    env: { ...shared, NODE_ENV: 'test', LOG_LEVEL: 'error', DATABASE_URL: database.connectionString },
  });
  const maker = await serveOn(database.connectionString, { config: { ...shared, PUBLIC_URL: url } });
  scene.onEnd(() => maker.stop());
  return { url, maker };
}
