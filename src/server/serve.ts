import cluster from 'node:cluster';
import type { Config } from '../config.ts';
import { startDemo } from '../demo/demo.ts';
import { type AdminServer, shareMetrics, startAdmin } from './admin.ts';
import { type Supervised, superviseWorker } from './child.ts';
import { createLog, openRuntime } from './runtime.ts';
import { untilSignal } from './signals.ts';
import { serveCluster, serveHere, type Web } from './web.ts';

const HOUR = 60 * 60 * 1000;

/** `continuity serve`: the database where it is embedded, the API, and the worker. Ends with the process's exit code. */
export async function serve(config: Config): Promise<number> {
  const told = untilSignal();
  if (cluster.isWorker) return serveOne(config, told);
  const log = createLog(config);
  const runtime = await openRuntime(config, log);
  let admin: AdminServer | undefined;
  let web: Web | undefined;
  let worker: Supervised | undefined;
  try {
    await runtime.deps.blobs.sweep(HOUR);
    // Ports first: what fails most often should fail before anything else is started.
    admin = await startAdmin(config.adminPort, runtime.deps.metrics.registry);
    web = config.webConcurrency === 1 ? await serveHere(config, runtime) : await serveCluster(config, runtime);
    worker = superviseWorker(log, config.shutdownTimeout);
    startDemo(runtime.deps, web.localUrl).catch((err: unknown) => log.error({ err }, 'the demo was not set up'));
    await told;
    log.info('stopping');
  } finally {
    await Promise.all([web?.stop(), worker?.stop(), admin?.close()]);
    await runtime.close();
    log.flush();
  }
  return 0;
}

/** One of several API processes. */
async function serveOne(config: Config, told: Promise<void>): Promise<number> {
  const log = createLog(config);
  const runtime = await openRuntime(config, log);
  shareMetrics(runtime.deps.metrics.registry);
  try {
    const web = await serveHere(config, runtime);
    await told;
    await web.stop();
  } finally {
    await runtime.close();
    log.flush();
  }
  return 0;
}
