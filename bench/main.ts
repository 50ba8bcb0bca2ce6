import { parseArgs } from 'node:util';
import { endAll } from './ending.ts';

/** Each benchmark prints its figures and answers its last line. */
const benchmarks: Record<string, () => Promise<{ run(rounds: number | undefined): Promise<string> }>> = {
  mint: () => import('./mint.ts'),
  ping: () => import('./ping.ts'),
  whoami: () => import('./whoami.ts'),
  download: () => import('./download.ts'),
  publish: () => import('./publish.ts'),
  start: () => import('./start.ts'),
  purchases: () => import('./purchases.ts'),
  csv: () => import('./csv.ts'),
  analytics: () => import('./analytics.ts'),
  sign_in: () => import('./sign_in.ts'),
  webhooks: () => import('./webhooks.ts'),
  lease: () => import('./lease.ts'),
  firehose: () => import('./firehose.ts'),
  docs: () => import('./docs.ts'),
};

const { positionals, values } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string' } } });
const benchmark = benchmarks[positionals[0] ?? ''];
if (benchmark === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benchmarks).join('|')} [--rounds N]`);
  process.exit(2);
}
const { run } = await benchmark();
try {
  console.log(await run(values.rounds === undefined ? undefined : Number(values.rounds)));
} finally {
  await endAll();
}
process.exit(0);
