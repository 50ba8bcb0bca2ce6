import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Prepared } from '../client.ts';
import { run, runProgram } from '../program.ts';

const GENERATOR = ['run', 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2'];
const SOURCES = ['go.mod', 'go.sum', 'oapi-codegen.yaml', 'main.go', 'scenario.go', 'publish.go', 'buy.go'];
const GENERATED = 'continuity/continuity.gen.go';
/** Not a warning: the module cache is filled. */
const DOWNLOADING = /^go: downloading /;

async function prepare(bundlePath: string, folder: string): Promise<Prepared> {
  for (const name of SOURCES) await copyFile(fileURLToPath(new URL(name, import.meta.url)), join(folder, name));
  await mkdir(join(folder, 'continuity'));
  const said = [
    await run('go', [...GENERATOR, '-config', 'oapi-codegen.yaml', bundlePath], { cwd: folder }),
    await run('go', ['vet', './...'], { cwd: folder }),
    await run('go', ['build', '-o', 'program', '.'], { cwd: folder }),
  ];
  const lines = said.flatMap(({ out, err }) => `${out}\n${err}`.split('\n'));
  return {
    operations: countOperations(await readFile(join(folder, GENERATED), 'utf8')),
    warnings: lines.filter((line) => line.trim() !== '' && !DOWNLOADING.test(line)),
  };
}

/** An operation with a body has one method for the typed body and one for any. */
function countOperations(source: string): number {
  const methods = source.matchAll(/^func \(c \*Client\) ([A-Z]\w*?)(?:With(?:Formdata)?Body)?\(ctx /gm);
  return new Set(Array.from(methods, ([, name]) => name)).size;
}

export const client: Client = {
  language: 'Go',
  generator: 'oapi-codegen',
  exactIntegers: true,
  explained: [],
  version: async (folder) => {
    const { out } = await run('go', [...GENERATOR, '-version'], { cwd: folder });
    return out.trim().split('\n').at(-1) ?? '';
  },
  prepare,
  run: (folder, scenario) => runProgram(join(folder, 'program'), [], scenario, { cwd: folder }),
};
