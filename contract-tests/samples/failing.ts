import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../flows/run.ts';
import type { Tally } from '../flows/tally.ts';
import type { Place } from './run.ts';
import type { Toolchain } from './toolchains.ts';

/** One for each way to read an answer. */
const READERS = ['getWhoami', 'getDownloadReport', 'followEvents', 'followBuild'];
const NOBODY = 'http://127.0.0.1:1';

/** A sample that is refused, or reaches nobody, says so, ends as failed, and leaves no error in the file. */
export async function failingRight(toolchain: Toolchain, { folder, world }: Place, tally: Tally): Promise<void> {
  for (const id of READERS) {
    const cwd = join(folder, '.failing', id);
    await mkdir(cwd, { recursive: true });
    const [command, ...args] = toolchain.command(folder, id);
    const ask = (url: string) =>
      run(command, args, { cwd, env: { CONTINUITY_URL: url, CONTINUITY_API_KEY: 'ct_wrong' }, limit: 30_000 });
    const refused = await ask(world.server.url);
    const said = refused.out + refused.err;
    tally.check(`${id} says 401 to a wrong key`, refused.code !== 0 && said.includes('401'), refused);
    tally.check(`${id} fails without a server`, (await ask(NOBODY)).code !== 0);
    const left = await Promise.all((await readdir(cwd)).map((name) => readFile(join(cwd, name))));
    tally.check(
      `${id} leaves no error in a file`,
      left.every((bytes) => bytes.length === 0),
      left.map(String),
    );
  }
}
