import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { documented } from '../../src/testing/document.ts';
import { type Options, readOptions, USAGE, WrongArguments } from './options.ts';
import { ask, jsonIn, type Place } from './place.ts';
import { checkReads } from './reads.ts';
import { htmlOf, junitOf } from './reports.ts';
import { createResults, type Results } from './results.ts';
import type { Made } from './story.ts';
import { unreached } from './unreached.ts';
import { makeThings, removeThings } from './writes.ts';

/** Holds a running server to the contract, from outside. Answers the exit code: 0, 1 when it is broken, 2 for wrong arguments. */
export async function checkElsewhere(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args, process.env);
  } catch (error) {
    if (!(error instanceof WrongArguments)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  const place = { url: options.url, key: options.key };
  const conceal = concealer(options.key);
  const organisation = await organisationOf(place).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  if (typeof organisation === 'string') {
    console.error(conceal(`${place.url}: ${organisation}`));
    return 1;
  }
  const results = createResults(place);
  if (options.write) await checkWriting(results, organisation.id);
  else await checkReads(results, {});
  return tell(options, results, conceal);
}

async function checkWriting(results: Results, orgId: string): Promise<void> {
  const tag = `contract-${randomBytes(6).toString('hex')}`;
  const made: Made = { orgId };
  try {
    await makeThings(results, made, tag);
    await checkReads(results, made);
  } finally {
    await removeThings(results, made);
  }
  const stays = LASTING.filter(([name]) => made[name] !== undefined).map(([, what]) => what);
  if (stays.length > 0) console.log(`left behind, for nothing deletes them: ${stays.join(', ')} of ${tag}`);
}

const LASTING = [
  ['productId', 'the archived product'],
  ['versionId', 'the yanked version'],
  ['tokenId', 'the revoked link'],
  ['purchaseId', 'the refunded purchase'],
] as const;

/** Who the key belongs to; text where that cannot be told. */
async function organisationOf(place: Place): Promise<{ id: string } | string> {
  const operation = documented.find(({ id }) => id === 'getUser');
  if (!operation) throw new Error('the document has no getUser');
  const answer = await ask(place, operation, {});
  if (answer.status === 401) return 'the API key was refused';
  const id: unknown = jsonIn(answer)?.response?.organisation_id;
  return id === undefined ? `no Continuity: GET /user was answered ${answer.status}` : { id: String(id) };
}

/** No credential leaves this program: not the key, nor tokens and secrets in answers. */
function concealer(key: string): (text: string) => string {
  return (text) => text.replaceAll(key, '(the key)').replaceAll(/\bct[a-z]?_[\w-]{43}/g, '(a secret)');
}

async function tell(
  { url, junit, html, write }: Options,
  results: Results,
  conceal: (text: string) => string,
): Promise<number> {
  const failed = results.all.filter(({ problems }) => problems.length > 0);
  for (const { operation, what, problems } of failed)
    console.log(conceal(`${operation} ${what}: ${problems.join('; ')}`));
  const left = unreached(results, write);
  console.log('not reached from outside; it would take');
  for (const [reason, entries] of left) {
    const ids = [...new Set(entries.map(({ operation }) => operation.id))];
    const names = ids.length > 6 ? `${ids.length} operations` : ids.join(', ');
    console.log(`  ${reason}: ${entries.length} answers of ${names}`);
  }
  const report = { url, results: results.all, unreached: left };
  if (junit !== undefined) await writeFile(junit, conceal(junitOf(report)));
  if (html !== undefined) await writeFile(html, conceal(htmlOf(report)));
  const asked = new Set(results.all.map(({ operation }) => operation)).size;
  const missed = [...left.values()].flat().length;
  console.log(
    `contract of ${url}: ${asked} of ${documented.length} operations asked, ${results.all.length} answers looked at, ${failed.length} broken, ${missed} not reached`,
  );
  return failed.length === 0 ? 0 : 1;
}
