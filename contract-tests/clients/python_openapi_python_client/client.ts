import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '../client.ts';
import { run, runProgram } from '../program.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const client: Client = {
  language: 'Python',
  generator: 'openapi-python-client',
  exactIntegers: true,
  async version(folder) {
    const { out } = await run(join(folder, 'venv/bin/openapi-python-client'), ['--version']);
    return out.trim().split(' ').at(-1) ?? '';
  },
  async prepare(bundlePath, folder) {
    await cp(here('program/'), folder, { recursive: true });
    await run('python3', ['-m', 'venv', 'venv'], { cwd: folder });
    await run('venv/bin/pip', ['install', '--quiet', '--requirement', here('requirements.txt')], { cwd: folder });
    // It calls ruff by that name to format what it made.
    const env = { PATH: `${join(folder, 'venv/bin')}:${process.env.PATH}` };
    const output = ['--output-path', PACKAGE, '--meta', 'none', '--config', here('config.yaml')];
    const made = await run('openapi-python-client', ['generate', '--path', bundlePath, ...output], {
      cwd: folder,
      env,
    });
    const checked = await run('mypy', ['--strict', PACKAGE, 'program.py'], { cwd: folder, env, accept: [0, 1] });
    const files = await readdir(join(folder, PACKAGE, 'api'), { recursive: true });
    const modules = files.filter((name) => name.endsWith('.py') && !name.endsWith('__init__.py'));
    return { operations: modules.length, warnings: [...linesOf(made), ...linesOf(checked)] };
  },
  run: (folder, scenario) => runProgram('venv/bin/python', ['program.py'], scenario, { cwd: folder }),
  explained: [
    {
      match: /client\.py:\d+: error: Argument 1 to "__a?exit__"/,
      reason: 'its own template passes `*args: object` on to httpx; no operation is part of it',
    },
  ],
};

const PACKAGE = 'continuity_client';

/** Everything but the lines that tell how it went as a whole. */
function linesOf({ out, err }: { out: string; err: string }): string[] {
  const usual = /^Generating |^Success: no issues|^Found \d+ errors? in/;
  return `${out}\n${err}`.split('\n').filter((line) => line.trim() !== '' && !usual.test(line));
}
