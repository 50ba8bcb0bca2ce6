import { type Config, readConfig } from '../config.ts';
import { createLog, openRuntime, type Runtime } from '../server/runtime.ts';
import { openStorage, type Storage } from '../server/storage.ts';

const STDERR = 2;

/** Administrative commands print their own result, and nothing else on standard output; of the log only what is wrong. */
function quietConfig(): Config {
  return Object.freeze({ ...readConfig(process.env), logLevel: 'warn' });
}

/** Opens the storage for one command, whether or not the server runs. */
export async function withStorage<T>(run: (storage: Storage, config: Config) => Promise<T>): Promise<T> {
  const config = quietConfig();
  const storage = await openStorage(config, createLog(config, STDERR));
  try {
    return await run(storage, config);
  } finally {
    await storage.close();
  }
}

/** As `withStorage`, with the secrets and ids as well. */
export async function withRuntime<T>(run: (runtime: Runtime) => Promise<T>): Promise<T> {
  const config = quietConfig();
  const runtime = await openRuntime(config, createLog(config, STDERR));
  try {
    return await run(runtime);
  } finally {
    await runtime.close();
  }
}
