import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../client.ts';
import { runProgram } from '../program.ts';
import { compile, openPackage, packageVersion, runTool } from '../typescript.ts';

export const client: Client = {
  language: 'TypeScript',
  generator: '@hey-api/openapi-ts',
  exactIntegers: false,
  version: (folder) => packageVersion(folder, '@hey-api/openapi-ts'),
  async prepare(bundlePath, folder) {
    await openPackage(folder, new URL('program/', import.meta.url));
    // It looks for tsconfig.json from where it is installed on: through the link, that would be the one of this tree.
    const output = { path: 'src/client', tsConfigPath: join(folder, 'tsconfig.json') };
    const config = `export default ${JSON.stringify({ input: bundlePath, output })};`;
    await writeFile(join(folder, 'openapi-ts.config.js'), config);
    const said = await runTool(folder, 'openapi-ts', []);
    await compile(folder);
    const sdk = await readFile(join(folder, 'src', 'client', 'sdk.gen.ts'), 'utf8');
    return { operations: sdk.match(/^export const \w+ = </gm)?.length ?? 0, warnings: warningsIn(said) };
  },
  run: (folder, scenario) => runProgram(process.execPath, ['built/program.js'], scenario, { cwd: folder }),
  explained: [],
};

/** Everything but the lines that tell its version, where it reads and where it writes. */
function warningsIn(said: string): string[] {
  const usual = /^@hey-api\/openapi-ts v|Generating from|^\[Job 1\] {3}\[1\] |✅ Done!/u;
  return said.split('\n').filter((line) => line.trim() !== '' && !usual.test(line));
}
