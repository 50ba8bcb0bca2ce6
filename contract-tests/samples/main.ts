import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import document from '../../generated/openapi.json' with { type: 'json' };
import { samplesOf } from '../../src/docs/samples/add_samples.ts';
import { startApps } from '../apps.ts';
import { createTally } from '../flows/tally.ts';
import { createWorld } from '../world.ts';
import { startRecorder } from './recorder.ts';
import { followsLive } from './live.ts';
import { runLanguage } from './run.ts';
import { missingTools, type Toolchain, toolchains } from './toolchains.ts';

/**
 * `npm run test:samples [language…]`: every code sample of the document. Each is read by its language, as it stands in
 * the document; each is run against a real server with the ids of what is there. Exit code 1 when one fails.
 */
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
const chosen = toolchains.filter(({ label }) => wanted.length === 0 || wanted.includes(label.toLowerCase()));
const totals = { passed: 0, failed: 0 };
const missing = await missingTools();
createTally('tools', totals).check('all are installed', missing.length === 0, missing);

const folder = await mkdtemp(join(tmpdir(), 'continuity-samples-'));
const apps = await startApps();
const recorder = await startRecorder(apps.working.url);
try {
  const world = await createWorld(apps.working);
  for (const toolchain of chosen) {
    const tally = createTally(toolchain.label, totals);
    const started = performance.now();
    await readAll(toolchain, join(folder, toolchain.label, 'read'), tally);
    const read = performance.now();
    const place = { folder: join(folder, toolchain.label, 'run'), world, recorder };
    try {
      await runLanguage(toolchain, place, tally);
      await followsLive(toolchain, join(folder, toolchain.label, 'read'), world, tally);
    } catch (error) {
      tally.check('can be run', false, error);
    }
    tally.note(`read in ${Math.round(read - started)} ms, run in ${Math.round(performance.now() - read)} ms`);
  }
} finally {
  await recorder.stop();
  await apps.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function readAll({ label, file, check }: Toolchain, place: string, tally: ReturnType<typeof createTally>) {
  const samples = samplesOf(document);
  for (const [id, all] of samples) {
    await mkdir(join(place, id), { recursive: true });
    await writeFile(join(place, id, file), `${all.find((sample) => sample.label === label)?.source ?? ''}\n`);
  }
  const problems = await check(place);
  tally.check(
    `${samples.size} samples of ${samples.size} operations are read without a complaint`,
    problems === '',
    problems,
  );
}
