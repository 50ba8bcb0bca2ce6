import cluster from 'node:cluster';
import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { startDemo } from '../demo/demo.ts';
import { startAdmin } from './admin.ts';
import { superviseWorker } from './child.ts';
import { listen } from './listen.ts';
import { createLog, openRuntime, type Runtime } from './runtime.ts';
import { untilSignal } from './signals.ts';

const HOUR = 60 * 60 * 1000;

/** `continuity serve`: the database where it is embedded, the API, and the worker. Ends with the process's exit code. */
export async function serve(config: Config): Promise<number> {
  if (cluster.isWorker) return serveOne(config);
  const log = createLog(config);
  const runtime = await openRuntime(config, log);
  await runtime.deps.blobs.sweep(HOUR);
  const admin = await startAdmin(config.adminPort, runtime.deps.metrics.registry);
  const worker = superviseWorker(log);
  const web = config.webConcurrency === 1 ? await serveHere(config, runtime) : await serveCluster(config, runtime);
  await startDemo(runtime.deps, web.url);
  await untilSignal();
  log.info('stopping');
  await Promise.all([web.stop(), worker.stop(), admin.close()]);
  await runtime.close();
  log.flush();
  return 0;
}

interface Web {
  readonly url: string;
  stop(): Promise<void>;
}

async function serveHere(config: Config, { deps }: Runtime): Promise<Web> {
  const app = await createApp(deps);
  const server = await listen(app.callback(), config);
  const url = config.publicUrl;
  deps.log.info({ url, port: server.port }, 'listening');
  return { url, stop: () => server.stop(config.shutdownTimeout) };
}

async function serveCluster(config: Config, { deps }: Runtime): Promise<Web> {
  let stopping = false;
  const start = () =>
    new Promise<void>((resolve) => {
      const child = cluster.fork();
      child.once('listening', () => resolve());
      child.once('exit', () => {
        if (stopping) return;
        deps.log.error('an API process ended; starting another');
        setTimeout(() => void start(), 1000);
      });
    });
  await Promise.all(Array.from({ length: config.webConcurrency }, start));
  return {
    url: config.publicUrl,
    async stop() {
      stopping = true;
      const children = Object.values(cluster.workers ?? {}).filter((child) => child !== undefined);
      await Promise.all(
        children.map((child) => {
          const ended = new Promise((resolve) => child.once('exit', resolve));
          child.process.kill('SIGTERM');
          return ended;
        }),
      );
    },
  };
}

/** One of several API processes. */
async function serveOne(config: Config): Promise<number> {
  const log = createLog(config);
  const runtime = await openRuntime(config, log);
  const web = await serveHere(config, runtime);
  await untilSignal();
  await web.stop();
  await runtime.close();
  log.flush();
  return 0;
}
