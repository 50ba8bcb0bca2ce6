import { readFile } from 'node:fs/promises';
import { entries, waiverOf } from './transactions.ts';

/**
 * Lines of uncovered.txt: `operationId status code` of what no recipe can bring about yet. Only 500 and 503 may be
 * waived, and only what the document has. The list may only shrink.
 */
export async function readUncovered(): Promise<ReadonlySet<string>> {
  const text = await readFile(new URL('uncovered.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  const known = new Set(entries.map(waiverOf));
  for (const line of lines) {
    if (!known.has(line)) throw new Error(`uncovered.txt: ${line} is not in the document`);
    if (!/ 50[03] /.test(line)) throw new Error(`uncovered.txt: ${line} may not be left out; only 500 and 503 may`);
  }
  return new Set(lines);
}
