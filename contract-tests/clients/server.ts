import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../src/db/embedded.ts';
import { silent } from '../../src/db/log.ts';
import type { Deps } from '../../src/deps.ts';
import { serveOn, type TestServer } from '../../src/testing/serve_on.ts';

/** The application with a worker over an empty database of its own. Every id it makes is one that a double rounds. */
export async function startServer(): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-clients-'));
  // As root PostgreSQL runs as another user, who must be able to enter.
  await chmod(folder, 0o755);
  const database = await startEmbedded(folder, silent, { fsync: 'off', full_page_writes: 'off' });
  const server = await serveOn(database.connectionString, { worker: true, deps: withOddIds });
  return {
    ...server,
    async stop() {
      await server.stop();
      await database.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The first id of a millisecond ends in twelve zero bits, which a double holds by chance; the next ones it does not. */
function withOddIds(real: Deps): Deps {
  const next = () => {
    for (;;) {
      const id = real.ids.next();
      if (BigInt(Number(id)) !== BigInt(id)) return id;
    }
  };
  return { ...real, ids: { ...real.ids, next } };
}
