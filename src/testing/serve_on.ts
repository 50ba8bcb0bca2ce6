import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Koa from 'koa';
import pino from 'pino';
import { createApp } from '../app.ts';
import { readConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { settled } from '../downloads/delivery.ts';
import type { Role } from '../http/operation.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { listen } from '../server/listen.ts';
import { openRuntime } from '../server/runtime.ts';
import { startWorker } from '../tasks/worker.ts';
import { type AccountOptions, createAccount } from './accounts.ts';
import { createClient, type TestClient } from './client.ts';
import { type PublishedSmall, publishSmall, type SmallVersion } from './publish_small.ts';

export interface ServeOptions {
  /** Environment variables on top of those that a test needs, as an operator would set them. */
  readonly config?: Readonly<Record<string, string>>;
  /** Replaces what the application is wired with: a clock, a store that fails. */
  readonly deps?: (real: Deps) => Deps;
  /** Changes the application before it serves. */
  readonly app?: (app: Koa) => void;
  /** Where the documentation was built, in place of dist/. */
  readonly docs?: URL | undefined;
  /** Runs a real worker beside it; else `publishSmall` verifies versions itself. */
  readonly worker?: boolean;
}

export interface TestServer {
  readonly url: string;
  readonly deps: Deps;
  /** Checks every exchange against the document. */
  readonly client: TestClient;
  createAccount(role: Role, options?: AccountOptions): Promise<NewAccount>;
  publishSmall(account: Pick<NewAccount, 'apiKey' | 'orgId'>, version?: SmallVersion): Promise<PublishedSmall>;
  stop(): Promise<void>;
}

export const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** The application on a free port over the database and a folder of its own, in this process. */
export async function serveOn(connectionString: string, options: ServeOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-test-server-'));
  let answer: RequestListener = (_request, response) => response.writeHead(503).end();
  // Links name the port, and the port is known only once it is taken.
  const web = await listen((request, response) => answer(request, response), {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
  });
  const url = `http://127.0.0.1:${web.port}`;
  const config = readConfig({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATA_DIR: folder,
    DATABASE_URL: connectionString,
    MASTER_KEY,
    PUBLIC_URL: url,
    ...options.config,
  });
  const runtime = await openRuntime(config, pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true })));
  const deps = options.deps?.(runtime.deps) ?? runtime.deps;
  const app = await createApp(deps, options.docs);
  options.app?.(app);
  answer = app.callback();
  const worker = options.worker ? await startWorker(deps, runtime.storage.database.pool) : undefined;
  const client = createClient(url);
  return {
    url,
    deps,
    client,
    createAccount: (role, account) => createAccount(runtime.deps, role, account),
    publishSmall: (account, version) => publishSmall({ client, deps: runtime.deps }, account, version),
    async stop() {
      await web.stop(0);
      await settled(runtime.deps);
      await worker?.stop();
      await runtime.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
