import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Prepared } from '../client.ts';
import { DEPENDENCY_PLUGIN, generateClient, generatorVersion } from '../openapi_generator.ts';
import { run, runProgram } from '../program.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

async function prepare(bundlePath: string, folder: string): Promise<Prepared> {
  const generated = await generateClient(join(HERE, 'openapi-generator.json'), bundlePath, folder);
  const classpath = await dependencies(folder);
  await mkdir(join(folder, 'classes'));
  const sources = [...(await javaFiles(join(folder, 'client/src/main/java'))), ...(await javaFiles(HERE))];
  const options = ['-Xlint:all', '-Xmaxwarns', '100000', '-d', 'classes', '-cp', classpath];
  const compiled = await run('javac', [...options, ...sources], { cwd: folder });
  const lines = [generated, compiled].flatMap(({ out, err }) => `${out}\n${err}`.split('\n'));
  return {
    operations: await countOperations(sources),
    warnings: lines.filter((line) => /\bWARN\b|\bwarning: /.test(line)),
  };
}

/** Those that the generator has pinned in its pom.xml. */
async function dependencies(folder: string): Promise<string> {
  const goal = [`${DEPENDENCY_PLUGIN}:build-classpath`, '-DincludeScope=compile', '-Dmdep.outputFile=classpath'];
  await run('mvn', ['-B', '-q', ...goal], { cwd: join(folder, 'client') });
  return readFile(join(folder, 'client/classpath'), 'utf8');
}

async function javaFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true });
  return found.filter((name) => name.endsWith('.java')).map((name) => join(folder, name));
}

/** Each operation has one method that makes the call and leaves its answer to the caller. */
async function countOperations(sources: readonly string[]): Promise<number> {
  const texts = await Promise.all(
    sources.filter((name) => name.endsWith('Api.java')).map((name) => readFile(name, 'utf8')),
  );
  return (texts.join('\n').match(/^ {4}public okhttp3\.Call \w+Call\(/gm) ?? []).length;
}

export const client: Client = {
  language: 'Java',
  generator: 'openapi-generator (okhttp-gson)',
  exactIntegers: true,
  explained: [
    {
      match: /WARN .* Failed to get the schema name: null/,
      reason:
        'it looks for the name of what the maps `ErrorFields`, `Environment` and `RunnerVariables` hold: texts, which have none',
    },
    {
      match: /WARN .* Ignoring complex example on request body/,
      reason: 'it says that the examples, which are for readers, do not become sample code in its own README',
    },
    {
      match: /\/client\/src\/main\/java\/.*\[rawtypes\]/,
      reason: 'its templates declare `ApiCallback` and `Collection` without their type, whatever the document says',
    },
    {
      match: /\/client\/src\/main\/java\/.*\[static\]/,
      reason: 'its template for typed errors calls a static method on an object, whatever the document says',
    },
  ],
  version: generatorVersion,
  prepare,
  run: async (folder, scenario) => {
    const classpath = await readFile(join(folder, 'client/classpath'), 'utf8');
    return runProgram('java', ['-cp', `classes:${classpath}`, 'Main'], scenario, { cwd: folder });
  },
};
