import { badInput } from './bad_input.ts';
import { building } from './building.ts';
import { commands } from './commands.ts';
import { contractUrl } from './contract_url.ts';
import { diskFull } from './disk_full.ts';
import { faults } from './faults.ts';
import { litePro } from './lite_pro.ts';
import * as quickstart from './quickstart.ts';
import { running } from './running.ts';
import { createScene, type Scene } from './scene.ts';
import { seedExample } from './seed_example.ts';
import { smtp } from './smtp.ts';
import { createTally, type Tally } from './tally.ts';
import { webhooks } from './webhooks.ts';

/**
 * `npm run test:flows [name…]`: uses the built program from outside, as a person would. One line per statement;
 * exit code 1 when one does not hold.
 */
const CHECKS: Record<string, (tally: Tally, scene: Scene) => Promise<void>> = {
  quickstart: quickstart.onFolder,
  'quickstart-s3': quickstart.onS3,
  'seed-example': seedExample,
  'lite-pro': litePro,
  commands,
  running,
  'disk-full': diskFull,
  'bad-input': badInput,
  webhooks,
  building,
  smtp,
  faults,
  'contract-url': contractUrl,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(`No such flow: ${unknown.join(', ')}. There are: ${Object.keys(CHECKS).join(', ')}`);
  process.exit(2);
}
const totals = { passed: 0, failed: 0 };
for (const [name, check] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const scene = createScene();
  const tally = createTally(name, totals);
  try {
    await check(tally, scene);
  } catch (error) {
    tally.check('runs to its end', false, error);
  } finally {
    await scene.end();
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);
