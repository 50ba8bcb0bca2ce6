import type { Logger } from 'pino';
import { openBlobStore } from '../blobs/open.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Config } from '../config.ts';
import { connect, type Database } from '../db/connect.ts';
import { startEmbedded } from '../db/embedded.ts';
import { migrateToLatest } from '../db/migrate.ts';

/** Where everything is kept: the database and the blobs. */
export interface Storage {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly connectionString: string;
  /** Names of the migrations that opening it has run. */
  readonly migrated: string[];
  close(): Promise<void>;
}

/**
 * Opens the database (the embedded one unless DATABASE_URL names another; joined when it runs already) and brings it
 * up to date. Any number of processes may do so at once.
 */
export async function openStorage(config: Config, log: Logger): Promise<Storage> {
  const server = config.databaseUrl === undefined ? await startEmbedded(config.dataDir, log) : undefined;
  const connectionString = server?.connectionString ?? config.databaseUrl ?? '';
  const database = connect({ connectionString, max: 20, log });
  const close = async () => {
    await database.close();
    await server?.stop();
  };
  try {
    const migrated = await migrate(connectionString, log);
    const blobs = openBlobStore(config.blobStore, {
      dataDir: config.dataDir,
      region: config.s3Region,
      ...(config.s3Endpoint ? { endpoint: config.s3Endpoint, forcePathStyle: true } : {}),
    });
    return { database, blobs, connectionString, migrated, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** With connections of its own: a migration may take longer than any other statement. */
async function migrate(connectionString: string, log: Logger): Promise<string[]> {
  const database = connect({ connectionString, max: 3, log, statementTimeout: 0 });
  try {
    return await migrateToLatest(database);
  } finally {
    await database.close();
  }
}
