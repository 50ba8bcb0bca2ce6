import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE } from '../src/build/options.ts';
import { cpuSeconds, execute, family } from './program.ts';
import { median, printMedians } from './rounds.ts';
import { launch, startServer } from './server.ts';

/** CPU time from starting the server on existing data until /readyz answers, and what the document has of it. */
export async function run(rounds = 7): Promise<string> {
  const { dataDir, program } = await startServer();
  await program.stop();
  const figures: Record<'ours' | 'postgres', number[]> = { ours: [], postgres: [] };
  for (let round = 0; round < rounds; round++) {
    const started = await launch(dataDir, join(dataDir, '..', 'again.log'));
    const spent = await spentBy(await family(started.program.pid));
    figures.ours.push(spent.ours);
    figures.postgres.push(spent.postgres);
    await started.program.stop();
  }
  printMedians('s of CPU', figures);
  const document = await documentMilliseconds(rounds);
  console.log(`the document of all operations: ${document.toFixed(0)} ms of CPU (target below 50)`);
  const both = median(figures.ours.map((seconds, round) => seconds + (figures.postgres[round] ?? 0)));
  return `start: ${both.toFixed(2)} s of CPU, ${median(figures.ours).toFixed(2)} without PostgreSQL (median of ${rounds}; target below 2)`;
}

async function spentBy(pids: readonly number[]): Promise<{ ours: number; postgres: number }> {
  const spent = { ours: 0, postgres: 0 };
  for (const pid of pids) {
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name !== '') spent[name.trim() === 'postgres' ? 'postgres' : 'ours'] += await cpuSeconds(pid).catch(() => 0);
  }
  return spent;
}

/** Bundled like the program itself, or compiling TypeScript would be measured. */
async function documentMilliseconds(rounds: number): Promise<number> {
  const folder = 'node_modules/.cache/continuity-bench';
  await build({ ...BUNDLE, entryPoints: ['bench/document.ts'], outdir: folder });
  const measured: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await execute(process.execPath, [join(folder, 'document.js')]);
    measured.push(Number(stdout));
  }
  return median(measured);
}
