import { join } from 'node:path';
import { freePort, startScript, untilAnswers } from './program.ts';
import { requestsPerSecond } from './requests.ts';
import { alternate, printMedians, ratio } from './rounds.ts';
import { startServer, temporaryFolder } from './server.ts';

/** GET /ping at 32 connections against a bare Koa server that answers the same bytes and headers. */
export async function run(rounds = 7): Promise<string> {
  const server = await startServer();
  const folder = await temporaryFolder();
  const port = await freePort();
  startScript('baselines/ping_koa.ts', [String(port)], join(folder, 'baseline.log'));
  const bare = `http://127.0.0.1:${port}`;
  await untilAnswers(`${bare}/ping`);
  await requireSameAnswer(`${server.url}/ping`, `${bare}/ping`);

  const pingAt = (origin: string) => () =>
    requestsPerSecond({ url: `${origin}/ping`, method: 'GET', headers: {}, body: '' });
  const contenders = { ours: pingAt(server.url), koa: pingAt(bare) };
  for (const warmUp of Object.values(contenders)) await warmUp();
  const figures = await alternate(rounds, contenders);
  printMedians('requests/s', figures);

  return `ping: ${ratio(figures.ours, figures.koa).toFixed(2)} of koa (median of ${rounds}; target 0.75)`;
}

async function requireSameAnswer(ours: string, theirs: string): Promise<void> {
  const [one, other] = await Promise.all([ours, theirs].map(exchange));
  if (one !== other) throw new Error(`the answers differ:\n${one}\n${other}`);
}

async function exchange(url: string): Promise<string> {
  const answer = await fetch(url);
  const changing = new Set(['date', 'request-id']);
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${changing.has(name) ? '…' : value}`);
  return [answer.status, ...headers, await answer.text()].join('\n');
}
