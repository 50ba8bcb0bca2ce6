import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../../src/testing/serve_on.ts';
import type { Client, Prepared } from './client.ts';
import { judge } from './judge.ts';
import type { Row } from './results.ts';
import { createTenant } from './tenant.ts';

export interface Attempt {
  readonly row: Row;
  /** Why it counts as failed; empty when it does not. */
  readonly problems: readonly string[];
}

export interface Ground {
  readonly server: TestServer;
  /** The document that the server serves. */
  readonly bundlePath: string;
  readonly folder: string;
  /** How many operations the document has. */
  readonly operations: number;
}

/** Makes one client in a folder of its own and runs its program. */
export async function attempt(client: Client, name: string, ground: Ground): Promise<Attempt> {
  const { language, generator } = client;
  const nothing = { version: '', operations: 0, warnings: 0, explained: [], scenario: 'failed' } as const;
  try {
    const folder = join(ground.folder, name);
    await mkdir(folder);
    const [prepared, preparing] = await timed(() => client.prepare(ground.bundlePath, folder));
    const version = await client.version(folder);
    const tenant = await createTenant(ground.server);
    const [seen, running] = await timed(() => client.run(folder, tenant.scenario));
    const wrong = await judge(ground.server, tenant, client, seen);
    console.log(`${name}: made and compiled in ${preparing} s, ran in ${running} s`);
    const { left, explained, problems } = weigh(client, prepared);
    if (prepared.operations !== ground.operations)
      problems.push(`${prepared.operations} of ${ground.operations} operations`);
    const found = { version, operations: prepared.operations, warnings: left, explained };
    const scenario = wrong.length === 0 ? 'passed' : 'failed';
    return { row: { language, generator, ...found, scenario }, problems: [...wrong, ...problems] };
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { row: { language, generator, ...nothing }, problems: [problem] };
  }
}

/** A warning needs a reason, and a reason a warning. */
function weigh({ explained }: Client, { warnings }: Prepared) {
  const left = warnings.filter((warning) => !explained.some(({ match }) => match.test(warning)));
  const idle = explained.filter(({ match }) => !warnings.some((warning) => match.test(warning)));
  return {
    left: left.length,
    explained: explained.filter((one) => !idle.includes(one)).map(({ reason }) => reason),
    problems: [
      ...left.map((warning) => `a warning without a reason: ${warning}`),
      ...idle.map(({ match }) => `${String(match)} explains nothing; take it out`),
    ],
  };
}

async function timed<T>(work: () => Promise<T>): Promise<[T, string]> {
  const started = performance.now();
  const result = await work();
  return [result, ((performance.now() - started) / 1000).toFixed(1)];
}
