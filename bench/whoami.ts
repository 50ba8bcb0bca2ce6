import { join } from 'node:path';
import { connect } from '../src/db/connect.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { silent } from '../src/db/log.ts';
import { createIds } from '../src/ids/ids.ts';
import { createAccessToken } from '../src/testing/applications.ts';
import { atEnd } from './ending.ts';
import { freePort, startScript, untilAnswers } from './program.ts';
import { requestsPerSecond } from './requests.ts';
import { alternate, printMedians, ratio } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

/**
 * GET /whoami at 32 connections, with an API key and with an access token, against a bare Fastify + pg server that does
 * the same look-up in the same database.
 */
export async function run(rounds = 7): Promise<string> {
  const server = await startServer();
  const database = await startEmbedded(server.dataDir, silent);
  atEnd(database.stop);
  const token = await tokenOf(server, database.connectionString);

  const port = await freePort();
  const log = join(await temporaryFolder(), 'baseline.log');
  startScript('baselines/whoami_fastify.ts', [database.connectionString, String(port)], log);
  const bare = `http://127.0.0.1:${port}`;
  await untilAnswers(`${bare}/ready`);

  const askAt = (origin: string, secret: string) => () =>
    requestsPerSecond({
      url: `${origin}/whoami`,
      method: 'GET',
      headers: { Authorization: `Bearer ${secret}` },
      body: '',
    });
  const contenders = {
    'ours, key': askAt(server.url, server.apiKey),
    'fastify+pg, key': askAt(bare, server.apiKey),
    'ours, token': askAt(server.url, token),
    'fastify+pg, token': askAt(bare, token),
  };
  for (const warmUp of Object.values(contenders)) await warmUp();
  const figures = await alternate(rounds, contenders);
  printMedians('requests/s', figures);

  const key = ratio(figures['ours, key'], figures['fastify+pg, key']).toFixed(2);
  const oauth = ratio(figures['ours, token'], figures['fastify+pg, token']).toFixed(2);
  return `whoami: ${key} of fastify+pg with a key, ${oauth} with a token (median of ${rounds}; target 0.7)`;
}

/** An access token of the benchmark's owner, granted the scope `user`. */
async function tokenOf(server: Server, connectionString: string): Promise<string> {
  const { db, pool, close } = connect({ connectionString, max: 2, log: silent });
  const ids = await createIds(db, { onError: () => undefined });
  try {
    const { id } = await db
      .selectFrom('users')
      .select('id')
      .where('organisation_id', '=', 'bench')
      .executeTakeFirstOrThrow();
    const token = await createAccessToken({ db, ids }, { orgId: 'bench', userId: id }, ['user']);
    await pool.query('vacuum analyze');
    return token;
  } finally {
    await ids.close();
    await close();
  }
}
