import type { Config } from '../config.ts';
import { startWorker } from '../tasks/worker.ts';
import { createLog, openRuntime } from './runtime.ts';
import { untilSignal } from './signals.ts';

/** `continuity worker`: takes jobs until it is told to stop; the job under way is finished within seconds, or repeated. */
export async function work(config: Config): Promise<number> {
  const told = untilSignal();
  const log = createLog(config);
  const runtime = await openRuntime(config, log);
  try {
    const worker = await startWorker(runtime.deps, runtime.storage.database.pool);
    log.info('worker started');
    await told;
    await worker.stop();
  } finally {
    await runtime.close();
    log.flush();
  }
  return 0;
}
