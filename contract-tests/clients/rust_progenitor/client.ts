import { copyFile, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Prepared } from '../client.ts';
import { run, runProgram } from '../program.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** What cargo compiles is kept from run to run: it takes minutes, and depends on the document only in its last step. */
const TARGET = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'continuity-clients', 'rust');

/** A line of `cargo build --message-format=json`, as far as it is read here. */
interface Message {
  readonly reason: string;
  readonly message?: { readonly level: string; readonly rendered: string };
  readonly package_id?: string;
  readonly out_dir?: string;
  readonly executable?: string | null;
}

/** Everything that cargo makes is outside of HERE. The program is copied, as the next run overwrites the one in the cache. */
async function prepare(bundlePath: string, folder: string): Promise<Prepared> {
  const args = ['cargo', 'build', '--quiet', '--locked', '--message-format=json-diagnostic-short'];
  const env = { BUNDLE: bundlePath, CARGO_TARGET_DIR: TARGET };
  const { out, err } = await run('nice', args, { cwd: HERE, env });
  const messages = lines(out).map((line) => JSON.parse(line) as Message);
  const own = messages.find(
    ({ out_dir, package_id }) => out_dir !== undefined && package_id?.includes('continuity-client'),
  );
  const program = messages.find(({ executable }) => typeof executable === 'string')?.executable;
  if (own?.out_dir === undefined || typeof program !== 'string') throw new Error(`cargo named no program: ${out}`);
  await copyFile(program, join(folder, 'program'));
  const found = messages.flatMap(({ message }) => (message?.level === 'warning' ? lines(message.rendered) : []));
  return {
    operations: countOperations(await readFile(join(own.out_dir, 'client.rs'), 'utf8')),
    warnings: [...lines(err), ...found],
  };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

function countOperations(source: string): number {
  return new Set(Array.from(source.matchAll(/operation_id: "(\w+)"/g), ([, name]) => name)).size;
}

export const client: Client = {
  language: 'Rust',
  generator: 'progenitor',
  exactIntegers: true,
  explained: [],
  version: async () => {
    const { out } = await run('cargo', ['pkgid', '--locked', 'progenitor'], { cwd: HERE });
    return out.trim().split('@').at(-1) ?? '';
  },
  prepare,
  run: (folder, scenario) => runProgram(join(folder, 'program'), [], scenario),
};
