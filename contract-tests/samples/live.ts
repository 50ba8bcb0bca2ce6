import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from '../flows/run.ts';
import { createScene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { startProgram } from '../peers/program.ts';
import { unique, type World } from '../world.ts';
import type { Toolchain } from './toolchains.ts';

const ID = 'followEvents';
const LONGEST_LAG = 3_000;

/** The sample of the firehose as it stands in the document: what happens is printed while the stream goes on. */
export async function followsLive(toolchain: Toolchain, folder: string, world: World, tally: Tally): Promise<void> {
  const scene = createScene();
  try {
    const { apiKey } = world.main.admin;
    const [command, ...args] = await commandFor(toolchain, folder);
    const env = { CONTINUITY_URL: world.server.url, CONTINUITY_API_KEY: apiKey };
    const program = startProgram(scene, command, args, env);
    const isTold = async () => {
      const slug = unique('p');
      const told = program.says(new RegExp(slug)).then(() => true);
      await world.server.client.post('/api/products', { as: apiKey, json: { name: slug, slug } });
      return Promise.race([told, pause(LONGEST_LAG).then(() => false)]);
    };
    // What happens before it listens is not told.
    while (!(await isTold())) continue;
    // A line that waits for the next one to push it out would be missing now.
    tally.check(`${ID} prints each event as it happens`, (await isTold()) && (await isTold()));
  } finally {
    await scene.end();
  }
}

/** Ruby keeps back what it writes into a pipe, which a person's terminal is not. */
async function commandFor({ label, file, command }: Toolchain, folder: string): Promise<[string, ...string[]]> {
  const sample = join(folder, ID, file);
  if (label === 'Ruby') return ['ruby', '-e', '$stdout.sync = true; load ARGV.first', sample];
  if (label !== 'Go') return command(folder, ID);
  const program = join(folder, ID, 'program');
  const { code, err } = await run('go', ['build', '-o', program, sample], { env: { GOTOOLCHAIN: 'local' } });
  if (code !== 0) throw new Error(err);
  return [program];
}
