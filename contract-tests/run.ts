import type { Apps } from './apps.ts';
import type { Run, Transaction } from './dredd.ts';
import { judge } from './judge.ts';
import { keyFor } from './recipes/generic.ts';
import { planFor } from './recipes/index.ts';
import type { Plan } from './recipes/plan.ts';
import { type Wire, write } from './recipes/write.ts';
import { type Entry, entries, waiverOf } from './transactions.ts';
import type { World } from './world.ts';

export interface Proof {
  /** Keys of the entries that were proved. */
  readonly proved: Set<string>;
  /** What went wrong, for people. */
  readonly problems: string[];
  transactions: number;
}

interface Current {
  readonly entry: Entry;
  plan?: Plan;
  wire?: Wire;
}

/** What Dredd's hooks do: every request is made anew from recipes, every answer judged by the document. */
export function createRun(apps: Apps, world: World, waived: ReadonlySet<string>): Run & { proof: Proof } {
  const proof: Proof = { proved: new Set(), problems: [], transactions: 0 };
  const running = new Map<Transaction, Current>();

  const refuse = (transaction: Transaction, { entry }: Current, problems: readonly string[]) => {
    const text = problems.join('; ');
    transaction.fail = text;
    if (!waived.has(waiverOf(entry))) proof.problems.push(`${entry.key}: ${text}`);
  };

  return {
    proof,
    async beforeAll(transactions) {
      const made = new Map(transactions.map((transaction) => [keyOf(transaction), transaction]));
      for (const entry of entries) {
        const original = made.get(keyOfEntry(entry));
        if (!original) {
          proof.problems.push(`Dredd made no transaction for ${entry.key}`);
          continue;
        }
        const transaction = entry.clone ? structuredClone(original) : original;
        transaction.name = entry.key;
        transaction.id = entry.key;
        if (entry.clone) transactions.push(transaction);
        running.set(transaction, { entry });
      }
      proof.transactions = transactions.length;
    },
    async beforeEach(transaction) {
      const current = find(running, transaction);
      try {
        const { operation } = current.entry;
        current.plan = await planFor(world, current.entry);
        const { url } = apps[current.plan.app ?? 'working'];
        current.wire = write(operation, current.plan, url, keyFor(world.main, operation.operation));
        ask(transaction, current);
      } catch (error) {
        refuse(transaction, current, [`the request could not be made: ${String(error)}`]);
      }
    },
    async beforeEachValidation({ expected, real }) {
      // Dredd compares bytes with the example, or keys with its keys; the body is judged by its schema instead.
      expected.body = real?.body;
    },
    async afterEach(transaction) {
      const current = find(running, transaction);
      await current.plan?.after?.();
      const { wire, entry } = current;
      const { real } = transaction;
      if (!wire || !real)
        return refuse(transaction, current, [transaction.fail ? String(transaction.fail) : 'no answer']);
      const problems = judge(entry, {
        method: wire.method,
        path: wire.path,
        requestBody: parsed(wire.body),
        status: real.statusCode,
        headers: real.headers,
        body: Buffer.from(real.body ?? '', real.bodyEncoding ?? 'utf8'),
      });
      const { bytes } = current.plan ?? {};
      if (bytes && !bytes.equals(Buffer.from(real.body ?? '', real.bodyEncoding ?? 'utf8')))
        problems.push('other bytes than the whole has there');
      if (problems.length > 0) refuse(transaction, current, problems);
      else proof.proved.add(entry.key);
    },
    async afterAll() {
      const left = [...running.values()].filter(({ wire }) => !wire);
      for (const { entry } of left) proof.problems.push(`${entry.key} was never asked`);
    },
    broke(subject, error) {
      const name = Array.isArray(subject) ? 'all' : subject.name;
      proof.problems.push(`${name}: a hook failed: ${error instanceof Error ? error.stack : String(error)}`);
    },
  };
}

/** Replaces the whole request; of what Dredd expects, only what the document requires stays. */
function ask(transaction: Transaction, { entry, wire }: Current): void {
  if (!wire) return;
  const { port, hostname } = new URL(wire.url);
  const { requiredHeaders = [] } = entry.operation.statuses.get(entry.status) ?? {};
  transaction.host = hostname;
  transaction.port = port;
  transaction.fullPath = wire.path;
  transaction.request = {
    method: wire.method,
    uri: wire.path,
    headers: { ...wire.headers },
    body: wire.body.toString('base64'),
    bodyEncoding: 'base64',
  };
  const required = Object.entries(transaction.expected.headers).filter(
    ([name]) => name === 'Content-Type' || requiredHeaders.includes(name.toLowerCase()),
  );
  transaction.expected.headers = Object.fromEntries(required);
}

function find(running: ReadonlyMap<Transaction, Current>, transaction: Transaction): Current {
  const current = running.get(transaction);
  if (!current) throw new Error(`${transaction.name} is not in the document's matrix`);
  return current;
}

/** Names never show the operationId; path, method, status and type are what Dredd keeps of it. */
function keyOf({ origin, request, expected }: Transaction): string {
  return [origin.resourceName, request.method, expected.statusCode, expected.headers['Content-Type'] ?? '-'].join(' ');
}

function keyOfEntry({ operation, status, mediaType }: Entry): string {
  return [operation.path, operation.method.toUpperCase(), status, mediaType].join(' ');
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
