import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client, Prepared } from '../client.ts';
import { generateClient, generatorVersion } from '../openapi_generator.ts';
import { run, runProgram } from '../program.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
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
  const generated = await generateClient(here('openapi-generator.json'), bundlePath, folder);
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
  version: generatorVersion,
  prepare,
  run: (folder, scenario) => runProgram('ruby', ['-I', LIBRARY, here('main.rb')], scenario, { cwd: folder }),
};
