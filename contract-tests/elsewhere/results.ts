import type { Exchange } from '../../src/testing/check.ts';
import type { Documented } from '../../src/testing/document.ts';
import { judge } from '../judge.ts';
import type { Plan } from '../recipes/plan.ts';
import { type Entry, entries } from '../transactions.ts';
import { ask, type Place } from './place.ts';

export interface Result {
  readonly operation: string;
  /** What was looked at: `404 not_found application/json`. */
  readonly what: string;
  readonly seconds: number;
  readonly problems: readonly string[];
}

/** What a run has come to so far. */
export interface Results {
  readonly place: Place;
  readonly all: Result[];
  /** Keys of entries that were looked at. */
  readonly seen: Set<string>;
  /** Why entries could not be looked at here, by key; or by operationId for all of its 2xx. */
  readonly reasons: Map<string, string>;
}

export function createResults(place: Place): Results {
  return { place, all: [], seen: new Set(), reasons: new Map() };
}

/** Asks for what the entry promises, and judges the answer as the built-in run does. */
export async function prove(results: Results, entry: Entry, plan: Plan): Promise<Exchange | undefined> {
  const { operation, key } = entry;
  const offered = operation.statuses.get(entry.status)?.mediaTypes ?? [];
  const headers = { ...(offered.length > 1 ? { Accept: entry.mediaType } : {}), ...plan.headers };
  const answer = await note(
    results,
    operation,
    key.slice(operation.id.length + 1),
    { ...plan, headers },
    (exchange) => {
      if (isBeyond(entry, exchange)) return undefined;
      return judge(entry, exchange);
    },
  );
  if (answer && isBeyond(entry, answer)) {
    results.reasons.set(key, 'a key of a user with a higher role');
    return undefined;
  }
  results.seen.add(key);
  return answer;
}

/** The user is asked for nothing that only an admin or an owner may see. */
function isBeyond({ status, operation }: Entry, exchange: Exchange): boolean {
  const role = operation.operation['x-role'];
  return status !== 401 && exchange.status === 403 && role !== 'member' && exchange.body.includes('insufficient_role');
}

/** Asks, and keeps what `judged` says of the answer; undefined keeps nothing. */
export async function note(
  { place, all }: Results,
  operation: Documented,
  what: string,
  plan: Plan,
  judged: (exchange: Exchange) => string[] | undefined,
): Promise<Exchange | undefined> {
  const started = performance.now();
  const keep = (problems: readonly string[]) =>
    all.push({ operation: operation.id, what, seconds: (performance.now() - started) / 1000, problems });
  try {
    const exchange = await ask(place, operation, plan);
    const problems = judged(exchange);
    if (problems) keep(problems);
    return exchange;
  } catch (error) {
    keep([`no answer: ${error instanceof Error ? error.message : String(error)}`]);
    return undefined;
  }
}

/** The entries of an operation with the status, or any 2xx. */
export function entriesOf(operationId: string, matches: (entry: Entry) => boolean): Entry[] {
  return entries.filter((entry) => entry.operation.id === operationId && matches(entry));
}
