import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../db/connect.ts';
import { startEmbedded } from '../db/embedded.ts';
import { silent } from '../db/log.ts';
import { introspectDatabase } from './database.ts';
import { removeOrphans, renderGenerated, writeGenerated } from './main.ts';

const root = process.cwd();

const files = await renderGenerated(root);
await writeGenerated(root, files);

const dataDir = await mkdtemp(join(tmpdir(), 'continuity-generate-'));
// As root the server runs as another user, who must be able to enter.
await chmod(dataDir, 0o755);
const server = await startEmbedded(dataDir, silent, { fsync: 'off' });
try {
  const database = connect({ connectionString: server.connectionString, max: 2, log: silent });
  // Loaded late: it imports the index that was written a moment ago.
  const { migrateToLatest } = await import('../db/migrate.ts');
  await migrateToLatest(database);
  files.set('database.ts', await introspectDatabase(server.connectionString));
  await database.close();
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
await writeGenerated(root, files);
await removeOrphans(root, files);
console.log(`${files.size} files in generated/`);
