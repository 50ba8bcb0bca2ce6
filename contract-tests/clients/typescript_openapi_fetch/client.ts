import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../client.ts';
import { runProgram } from '../program.ts';
import { compile, openPackage, packageVersion, runTool } from '../typescript.ts';

export const client: Client = {
  language: 'TypeScript',
  generator: 'openapi-fetch',
  exactIntegers: false,
  version: (folder) => packageVersion(folder, 'openapi-fetch'),
  async prepare(bundlePath, folder) {
    await openPackage(folder, new URL('program/', import.meta.url));
    const said = await runTool(folder, 'openapi-typescript', [bundlePath, '-o', 'src/schema.ts']);
    await compile(folder);
    const [, operations = ''] = (await readFile(join(folder, 'src', 'schema.ts'), 'utf8')).split(
      'export interface operations {',
    );
    return { operations: operations.match(/^ {4}\w+: \{$/gm)?.length ?? 0, warnings: warningsIn(said) };
  },
  run: (folder, scenario) => runProgram(process.execPath, ['built/program.js'], scenario, { cwd: folder }),
  explained: [],
};

/** Everything but the line that names the files. */
function warningsIn(said: string): string[] {
  return said.split('\n').filter((line) => line.trim() !== '' && !/^(✨|🚀)/u.test(line));
}
