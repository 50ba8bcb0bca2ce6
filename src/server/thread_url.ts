import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Where the entry of a thread is: `<name>.thread.js` in the bundle, whose chunks are one folder below it, or
 * `<name>.thread.ts` beside the file `from` that starts it, which needs the loader that runs TypeScript.
 */
export function threadUrl(name: string, from: string): { url: URL; execArgv: string[] } {
  const bundled = ['.', '..'].map((folder) => new URL(`${folder}/${name}.thread.js`, import.meta.url));
  const url = bundled.find((candidate) => existsSync(candidate));
  if (url) return { url, execArgv: [] };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { url: new URL(`./${name}.thread.ts`, from), execArgv: ['--import', loader] };
}
