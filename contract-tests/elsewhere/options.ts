import { parseArgs } from 'node:util';

export interface Options {
  /** Without a path. */
  readonly url: string;
  readonly key: string;
  readonly write: boolean;
  readonly junit: string | undefined;
  readonly html: string | undefined;
}

export const USAGE = `npm run contract -- --url https://their-server --api-key ct_… [--write] [--junit FILE] [--html FILE] [--insecure]

  --url URL       where the server answers
  --api-key KEY   of a user of it; or CONTINUITY_API_KEY, which other users of the machine cannot see
  --write         creates things too, named contract-…, and removes what can be removed
  --junit FILE    writes a JUnit report
  --html FILE     writes a page
  --insecure      sends the key over http to another machine`;

export class WrongArguments extends Error {}

export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { url, 'api-key': given, write = false, junit, html, insecure = false } = parse(args);
  const key = given ?? environment.CONTINUITY_API_KEY;
  if (url === undefined) throw new WrongArguments('--url is missing');
  if (key === undefined || !/^ct_[\w-]{43}$/.test(key))
    throw new WrongArguments(key === undefined ? '--api-key is missing' : 'the API key is none: ct_ and 43 characters');
  return { url: readUrl(url, insecure), key, write, junit, html };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { url: text, 'api-key': text, junit: text, html: text, write: flag, insecure: flag };
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error));
  }
}

function readUrl(text: string, insecure: boolean): string {
  if (!URL.canParse(text)) throw new WrongArguments('--url is no URL');
  const { protocol, hostname, origin, pathname, search, username } = new URL(text);
  if (!['http:', 'https:'].includes(protocol)) throw new WrongArguments('--url is neither https nor http');
  if (pathname !== '/' || search !== '' || username !== '')
    throw new WrongArguments('--url is scheme, host and port alone: the paths are those of the document');
  const near = ['localhost', '[::1]'].includes(hostname) || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  if (protocol === 'http:' && !near && !insecure)
    throw new WrongArguments('the key would cross the network readable: use https, or --insecure');
  return origin;
}
