import { createHash } from 'node:crypto';
import { access, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../flows/run.ts';

const requirements = new URL('requirements.txt', import.meta.url).pathname;

/** The Python of a virtual environment with exactly these versions, made once per machine. */
export async function installSchemathesis(): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const folder = join(tmpdir(), `continuity-schemathesis-${wanted.slice(0, 16)}`);
  const python = join(folder, 'bin', 'python');
  if (await exists(python)) return python;
  const half = `${folder}.${process.pid}`;
  await succeed('python3', ['-m', 'venv', half]);
  await succeed(join(half, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  await rm(folder, { recursive: true, force: true });
  await rename(half, folder);
  return python;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function succeed(command: string, args: string[]): Promise<void> {
  const { code, out, err } = await run(command, args, { limit: 600_000 });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${out}${err}`);
}
