import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Prepared } from '../client.ts';
import { run, runProgram } from '../program.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const VERSION = '7.25.0';
const JAR = `openapi-generator-cli-${VERSION}.jar`;
const JAR_SHA256 = '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae';
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const LIBRARY = 'client/lib';

/**
 * Ruby's interpreter is the compiler: it loads client and program with every warning on. The gem that the client needs,
 * Typhoeus, is the system's.
 *
 * openapi-generator.json leaves only bearer tokens of all the ways to sign in, because this client sends every one that
 * an operation allows, filled in or not: an empty Basic in place of the token, and an empty `oauth_token` beside it
 * (OpenAPITools/openapi-generator issue 8374). An OAuth2 token is a bearer token too.
 */
async function prepare(bundlePath: string, folder: string): Promise<Prepared> {
  await fetchGenerator(folder);
  const generate = ['generate', '-c', here('openapi-generator.json'), '-i', bundlePath, '-o', 'client'];
  const generated = await run('java', ['-jar', JAR, ...generate], { cwd: folder });
  const parts = ['-r', 'continuity_client', '-r', here('publish.rb'), '-r', here('buy.rb')];
  const loaded = await run('ruby', ['-w', '-I', LIBRARY, ...parts, '-e', ''], { cwd: folder });
  const checked = await run('ruby', ['-wc', here('main.rb')]);
  const lines = [generated, loaded, checked].flatMap(({ out, err }) => `${out}\n${err}`.split('\n'));
  return {
    operations: await countOperations(join(folder, LIBRARY)),
    // Some warnings have a second line, which says where the first definition was.
    warnings: lines.filter((line) => /\bWARN\b|\bwarning: (?!previous definition)/.test(line)),
  };
}

/** Maven keeps the jar in its own cache; which one it is, its hash says. */
async function fetchGenerator(folder: string): Promise<void> {
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${VERSION}:jar`;
  await run('mvn', ['-B', '-q', `${DEPENDENCY_PLUGIN}:copy`, artifact, `-DoutputDirectory=${folder}`], { cwd: folder });
  const hash = createHash('sha256').update(await readFile(join(folder, JAR)));
  if (hash.digest('hex') !== JAR_SHA256) throw new Error(`${JAR} is not the one that was pinned`);
}

/** Each operation has one method that answers status and headers too. */
async function countOperations(library: string): Promise<number> {
  const names = (await readdir(library, { recursive: true })).filter((name) => name.endsWith('_api.rb'));
  const texts = await Promise.all(names.map((name) => readFile(join(library, name), 'utf8')));
  return (texts.join('\n').match(/^ {4}def \w+_with_http_info\(/gm) ?? []).length;
}

export const client: Client = {
  language: 'Ruby',
  generator: 'openapi-generator (typhoeus)',
  exactIntegers: true,
  explained: [
    {
      match: /WARN .* Failed to get the schema name: null/,
      reason:
        'it looks for the name of what the maps `ErrorFields`, `Environment` and `RunnerVariables` hold: texts and lists of texts, which have none',
    },
    {
      match: /\/client\/lib\/continuity_client\/.* warning: method redefined; discarding old \w+=$/,
      reason: 'its templates make a writer that checks or trims its value twice, by `attr_accessor` and by hand',
    },
  ],
  version: async (folder) => (await run('java', ['-jar', JAR, 'version'], { cwd: folder })).out.trim(),
  prepare,
  run: (folder, scenario) => runProgram('ruby', ['-I', LIBRARY, here('main.rb')], scenario, { cwd: folder }),
};
