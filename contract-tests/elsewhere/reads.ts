import { type Documented, documented } from '../../src/testing/document.ts';
import type { Plan } from '../recipes/plan.ts';
import type { Entry } from '../transactions.ts';
import { createFinder, type Finder, namesIn, type Params } from './finding.ts';
import { ask, jsonIn } from './place.ts';
import { entriesOf, prove, type Results } from './results.ts';

const UNKNOWN_TOKEN = '0'.repeat(64);

/** Every GET: what is there, nothing without credentials, nothing under unknown ids. */
export async function checkReads(results: Results, made: Readonly<Record<string, string>>): Promise<void> {
  const finder = createFinder(results.place, made);
  for (const operation of documented.filter(({ method }) => method === 'get')) {
    if (isForUsers(operation) || isOpen(operation)) {
      await checkFound(results, operation, finder, made.token);
      await checkUnknown(results, operation);
    }
    await checkStrangers(results, operation);
  }
}

/** Without credentials, whatever the path names: who asks is looked at first. */
export async function checkStrangers(results: Results, operation: Documented): Promise<void> {
  if (isOpen(operation)) return;
  const plan = { key: null, params: unknownParams(operation), query: ended(operation) };
  const ours = (entry: Entry) => entry.status === 401 && entry.code === 'unauthorized';
  for (const entry of entriesOf(operation.id, ours)) await prove(results, entry, plan);
}

async function checkFound(results: Results, operation: Documented, finder: Finder, token: string | undefined) {
  const entries = entriesOf(operation.id, ({ status }) => status < 300);
  const needsToken = operation.parameters.some(({ name }) => name === 'token');
  // Of a pack only its manifest tells, which came with the token.
  const params = needsToken
    ? token && (await paramsByToken(results, operation, token))
    : await finder.find(operation.path);
  const missing = operation.operation['x-query'] === 'handler' ? 'a signed-in browser' : undefined;
  if (!params || missing) {
    const reason = missing ?? (needsToken ? 'a download link, which --write makes' : 'something that is not there yet');
    results.reasons.set(operation.id, reason);
    return;
  }
  for (const entry of entries) {
    const query = { ...ended(operation), ...(needsToken && token ? { token } : {}) };
    const key = isOpen(operation) ? { key: null } : {};
    await prove(results, entry, { ...key, params, query: { ...query, ...asScript(entry) }, headers: asPart(entry) });
  }
}

const asScript = ({ mediaType }: Entry): Record<string, string> =>
  mediaType === 'application/javascript' ? { callback: 'my_json_function' } : {};

const asPart = ({ status }: Entry): Record<string, string> => (status === 206 ? { Range: 'bytes=0-1' } : {});

async function paramsByToken({ place }: Results, { path }: Documented, token: string): Promise<Params | undefined> {
  if (namesIn(path).length === 0) return {};
  const manifest = documented.find(({ id }) => id === 'getDownloadManifest');
  const json = manifest && jsonIn(await ask(place, manifest, { key: null, query: { token } }));
  const sha256: unknown = json?.packs?.[0]?.sha256;
  return typeof sha256 === 'string' ? { sha256 } : undefined;
}

async function checkUnknown(results: Results, operation: Documented): Promise<void> {
  const names = namesIn(operation.path);
  const token = operation.parameters.some(({ name }) => name === 'token') ? { token: UNKNOWN_TOKEN } : {};
  const since = operation.id === 'followEvents' ? { since: '1' } : {};
  if (names.length + Object.keys({ ...token, ...since }).length === 0) return;
  const plan: Plan = { params: unknownParams(operation), query: { ...ended(operation), ...token, ...since } };
  const key = isOpen(operation) ? { key: null } : {};
  const entries = entriesOf(operation.id, ({ status, code }) => status === 404 && code === 'not_found');
  for (const entry of entries) await prove(results, entry, { ...plan, ...key });
}

/** Streams that go on would never be judged. */
function ended({ operation }: Documented): Record<string, string> {
  return operation['x-stream'] === true ? { follow: 'false' } : {};
}

function unknownParams({ path }: Documented): Record<string, string> {
  return Object.fromEntries(namesIn(path).map((name) => [name, name === 'sha256' ? UNKNOWN_TOKEN : '1']));
}

const isOpen = ({ operation }: Documented): boolean => (operation.security as unknown[]).length === 0;

export const isForUsers = ({ operation }: Documented): boolean =>
  (operation.security as object[]).some((requirement) => 'apiKey' in requirement);
