import pino, { type Logger } from 'pino';
import { createArchiveCache } from '../archives/cache.ts';
import type { Config } from '../config.ts';
import { createCharts } from '../dashboard/charts/pool.ts';
import { createNotices } from '../db/listen.ts';
import type { Deps } from '../deps.ts';
import { createFirehoses } from '../firehose/firehoses.ts';
import { createIds } from '../ids/ids.ts';
import { createMailer } from '../mail/mailer.ts';
import { DEFAULT_LIMITS } from '../manifests/check.ts';
import { createManifestPool } from '../manifests/pool.ts';
import { createMetrics } from '../metrics.ts';
import { createCopies } from '../reports/copies.ts';
import { masterKeyFile, openVault } from '../secrets/master_key.ts';
import { openSigner } from '../secrets/signing.ts';
import { createThrottles } from '../throttles/throttles.ts';
import { openStorage, type Storage } from './storage.ts';

/** Everything a command works with, and how it is let go of again. */
export interface Runtime {
  readonly deps: Deps;
  readonly storage: Storage;
  close(): Promise<void>;
}

/**
 * Structured logs on standard output, or on the given descriptor, written in batches off the hot path. Secrets never
 * reach it: see `logRequest`.
 */
export function createLog({ logLevel }: Config, fd: 1 | 2 = 1): Logger {
  const output = pino.destination({ fd, sync: false, minLength: 4096, periodicFlush: 250 });
  return pino({ level: logLevel, base: null }, output);
}

/** Opens the storage and the secrets kept in it, and leases the process its ids. */
export async function openRuntime(config: Config, log: Logger): Promise<Runtime> {
  const storage = await openStorage(config, log);
  try {
    const { db, hot, pool } = storage.database;
    const vault = await openVault(db, config.masterKey ?? (await masterKeyFile(config.dataDir)));
    const ids = await createIds(db, {
      onError: (error) => log.warn({ err: error }, 'the lease of the worker id was not renewed'),
    });
    const manifests = createManifestPool({ ...DEFAULT_LIMITS, maxVersionSize: config.maxVersionSize });
    const charts = createCharts();
    const { blobs, connectionString } = storage;
    const copies = createCopies({ connectionString, log, others: pool });
    const notices = createNotices({ connectionString, log });
    const deps: Deps = {
      config,
      db,
      hot,
      notices,
      firehoses: createFirehoses({ hot, notices, log }),
      blobs,
      archives: createArchiveCache(blobs),
      manifests,
      charts,
      ids,
      vault,
      mailer: createMailer(config),
      throttles: createThrottles(pool),
      copies,
      signer: await openSigner(db, vault),
      clock: () => new Date(),
      log,
      metrics: createMetrics(),
    };
    const close = async () => {
      deps.mailer.close?.();
      await Promise.all([notices.close(), ids.close(), manifests.close(), charts.close(), copies.close()]);
      await storage.close();
    };
    return { deps, storage, close };
  } catch (error) {
    await storage.close();
    throw error;
  }
}
