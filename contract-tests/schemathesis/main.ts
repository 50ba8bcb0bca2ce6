import { parseArgs } from 'node:util';
import { createScene } from '../flows/scene.ts';
import { type Turn, TURNS } from './credentials.ts';
import { installSchemathesis } from './install.ts';
import { openPlace } from './place.ts';
import { readRun, type Row, strayExceptions, type Told } from './report.ts';
import { runTurn } from './run.ts';
import { tableOf, writeReadme } from './summary.ts';

// `--seed N` varies what is made up; `--readme` writes the table into README.md. For people who look for a fault, in runs
// that do not count: `--only "API key"` takes one turn, `--phases fuzzing` some phases, operationIds some operations.
const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string' },
    only: { type: 'string' },
    phases: { type: 'string' },
    readme: { type: 'boolean' },
  },
  allowPositionals: true,
});
const whole = values.only === undefined && values.phases === undefined && positionals.length === 0;
const options = [
  ...(values.seed === undefined ? [] : ['--seed', values.seed]),
  ...(values.phases === undefined ? [] : ['--phases', values.phases]),
  ...positionals.flatMap((id) => ['--include-operation-id', id]),
];

const python = await installSchemathesis();
const scene = createScene();
const rows: Row[] = [];
const all: Told[] = [];
const problems: string[] = [];
try {
  const place = await openPlace(scene);
  for (const turn of TURNS.filter((one) => (values.only ?? one) === one)) await take(turn);

  async function take(turn: Turn): Promise<void> {
    const { folder, code, output } = await runTurn(scene, place, python, turn, options);
    const run = await readRun(turn, folder, output);
    rows.push(run.row);
    all.push(run.told);
    problems.push(...run.problems);
    if (code === 0) return;
    console.error(output);
    problems.push(`${turn}: Schemathesis ended with ${code}`);
  }
} finally {
  await scene.end();
}
if (whole) problems.push(...strayExceptions(all));
for (const problem of problems) console.error(problem);
console.log(tableOf(rows));
if (whole && values.readme && problems.length === 0) await writeReadme(rows);
const total = rows.reduce((sum, { cases }) => sum + cases, 0);
console.log(`schemathesis: ${total} cases, ${problems.length} problems`);
process.exitCode = problems.length === 0 && whole ? 0 : 1;
