import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { connect } from '../db/connect.ts';
import { startEmbedded } from '../db/embedded.ts';
import { silent } from '../db/log.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { onDatabase, TEMPLATE } from './databaseName.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: string;
  }
}

/** One server for the whole run, with a migrated template that `createTestDatabase` clones. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const own = process.env.TEST_DATABASE_URL;
  const server = own === undefined ? await temporaryServer() : { connectionString: own, stop: async () => undefined };
  try {
    await createTemplate(server.connectionString);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('databaseServer', server.connectionString);
  return server.stop;
}

async function temporaryServer(): Promise<{
  connectionString: string;
  stop(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-test-'));
  // mkdtemp makes it private, which as root would lock the account out that the server runs as.
  await chmod(folder, 0o755);
  const settings = {
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    autovacuum: 'off',
  };
  const { connectionString, stop } = await startEmbedded(folder, silent, settings);
  return {
    connectionString,
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createTemplate(connectionString: string): Promise<void> {
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${TEMPLATE} with (force)`);
    await admin.query(`create database ${TEMPLATE}`);
    const template = connect({
      connectionString: onDatabase(connectionString, TEMPLATE),
      max: 3,
      log: silent,
      statementTimeout: 0,
    });
    await migrateToLatest(template);
    await template.close();
    // Copying files skips whatever is only in memory, so PostgreSQL checkpoints before each copy; do it once here.
    await admin.query('checkpoint');
  } finally {
    await admin.end();
  }
}
