import { downloadReport } from '../src/reports/queries.ts';
import { requireLittle, watchMemory } from './memory.ts';
import { execute, residentMemory } from './program.ts';
import { alternate, median, printMedians, ratio } from './rounds.ts';
import { fill, type Scene, startScene } from './sessions.ts';

const ROWS = 1_000_000;
const MOST_WAIT = 100;

/** GET /api/reports/downloads over a million sessions against `psql \copy` of the same query, both to /dev/null. */
export async function run(rounds = 5): Promise<string> {
  const scene = await startScene();
  await fill(scene.database.db, ROWS);
  const { pid } = scene.server.program;
  const before = await residentMemory(pid);
  const watch = watchMemory(pid);
  const firstBytes: number[] = [];
  await psql(scene);
  const figures = await alternate(rounds, {
    ours: () => ours(scene, firstBytes),
    psql: () => psql(scene),
  });
  printMedians('rows/s', figures);
  requireLittle(`${ROWS} rows`, (await watch()) - before);
  console.log(`first byte: ${median(firstBytes).toFixed(0)} ms, at most ${Math.max(...firstBytes).toFixed(0)}`);
  if (Math.max(...firstBytes) >= MOST_WAIT) console.log(`first byte: target of ${MOST_WAIT} ms not met`);
  return `csv: ${ratio(figures.ours, figures.psql).toFixed(2)} of psql \\copy (median of ${rounds}; target 0.8)`;
}

async function ours({ server }: Scene, firstBytes: number[]): Promise<number> {
  const format = '%{http_code} %{time_starttransfer} %{time_total} %{size_download}';
  const { stdout } = await execute('curl', [
    ...['-s', '-o', '/dev/null', '-w', format, '-H', `Authorization: Bearer ${server.apiKey}`],
    `${server.url}/api/reports/downloads`,
  ]);
  const [status, first = 0, total = 0, size = 0] = stdout.split(' ').map(Number);
  if (status !== 200 || size < ROWS * 100) throw new Error(`the report was ${stdout}`);
  firstBytes.push(first * 1000);
  return ROWS / total;
}

async function psql({ connectionString }: Scene): Promise<number> {
  const { settings, query } = downloadReport('bench', {});
  // `from` is a keyword; set takes a name in quotes, part by part.
  const set = Object.entries(settings).map(([name, value]) => `set "${name.replace('.', '"."')}" = '${value}';`);
  const copy = `\\copy (${query.replaceAll(/\s+/g, ' ')}) to '/dev/null' csv header`;
  const started = performance.now();
  await execute('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', set.join(' '), '-c', copy, connectionString]);
  return ROWS / ((performance.now() - started) / 1000);
}
