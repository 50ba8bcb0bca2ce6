import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from '../../src/db/connect.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { silent } from '../../src/db/log.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import { publish } from '../../src/publish/publish.ts';
import { type ServeOptions, serveOn, type TestServer } from '../../src/testing/serve_on.ts';

export interface Scene {
  readonly server: TestServer;
  readonly account: NewAccount;
  /** Publishes the files as the command line does, verified by the worker. Answers the product's slug. */
  publish(name: string, files: Record<string, Buffer | string>): Promise<string>;
  /** A fresh link to the product's active version, or to the one named. */
  mint(productId: string, options?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

/** A server with a database and a worker of its own, and an administrator who publishes. */
export async function openScene(options: Pick<ServeOptions, 'docs'> = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-browser-'));
  // As root the database runs as another user, who must be able to enter.
  await chmod(folder, 0o755);
  const database = await startEmbedded(join(folder, 'database'), silent, { fsync: 'off' });
  const { connectionString } = database;
  const migration = connect({ connectionString, max: 2, log: silent });
  await migrateToLatest(migration);
  await migration.close();
  const server = await serveOn(connectionString, { worker: true, ...options });
  const account = await server.createAccount('admin');
  const as = account.apiKey;

  return {
    server,
    account,
    async publish(name, files) {
      const slug = `p-${randomBytes(4).toString('hex')}`;
      const source = join(folder, slug);
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(source, path)), { recursive: true });
        await writeFile(join(source, path), content);
      }
      await server.client.post('/api/products', { as, json: { name, slug } });
      await publish({ folder: source, product: slug, version: '1.0.0', activate: true, url: server.url, apiKey: as });
      return slug;
    },
    async mint(productId, options = {}) {
      const { json } = await server.client.post('/api/generate-download-url', { as, json: { productId, ...options } });
      return String(json.downloadUrl);
    },
    async stop() {
      await server.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
