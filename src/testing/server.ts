import { createTestDatabase } from './database.ts';
import { type ServeOptions, serveOn, type TestServer } from './serve_on.ts';

export type { ServeOptions, TestServer } from './serve_on.ts';

/** The application over a database cloned for this test or test file; call `stop` when done. */
export async function startTestServer(options: ServeOptions = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  const server = await serveOn(database.connectionString, options);
  return {
    ...server,
    async stop() {
      await server.stop();
      await database.drop();
    },
  };
}
