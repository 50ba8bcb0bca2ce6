import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/testing/client.ts';
import { type Documented, documented } from '../../src/testing/document.ts';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { keyFor } from '../recipes/generic.ts';
import { happyPlan } from '../recipes/index.ts';
import type { Plan } from '../recipes/plan.ts';
import { write } from '../recipes/write.ts';
import { createWorld, type World } from '../world.ts';
import { overlaysOf, withOverlay } from './right.ts';
import { hasRule } from './rules.ts';
import { wrongPlans } from './wrong.ts';

const SEED = Number(process.env.GENERATIVE_SEED ?? 6);
/** The first of them is the request of the recipe as it is. */
const RIGHT_RUNS = 5;

let server: TestServer;
let world: World;
const asked = { operations: new Set<string>(), right: 0, succeeded: 0, wrong: 0 };
beforeAll(async () => {
  server = await startTestServer();
  world = await createWorld(server);
});
afterAll(async () => {
  await server.stop();
  const { operations, right, succeeded, wrong } = asked;
  console.log(
    `generative: seed ${SEED}, ${operations.size} operations, ${right} right requests (${succeeded} succeeded), ${wrong} wrong ones`,
  );
});

/** The client refuses every answer that the document does not have. */
async function ask(operation: Documented, plan: Plan): Promise<Answer> {
  const { method, path, headers, body } = write(operation, plan, server.url, keyFor(world.main, operation.operation));
  return server.client.request(method, path, body.length === 0 ? { headers } : { headers, body });
}

/** Fields that the answer calls wrong in themselves, not for what there is or who asks. */
function refusedFields({ json }: Answer): string[] {
  const error: unknown = json?.error;
  if (typeof error !== 'object' || error === null) return [];
  return Object.entries(error as Record<string, string[]>)
    .filter(([, codes]) => codes.some((code) => ['is_blank', 'invalid_format', 'unknown_field'].includes(code)))
    .map(([field]) => field.split('.')[0] ?? '');
}

describe.each(documented.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  it('answers what is right as documented, and never calls it wrong', async () => {
    asked.operations.add(id);
    const property = fc.asyncProperty(overlaysOf(operation), async (overlay) => {
      const plan = await happyPlan(world, world.main, operation);
      const answer = await ask(operation, await withOverlay(world, operation, plan, overlay));
      asked.right += 1;
      if (answer.status < 400) asked.succeeded += 1;
      expect(answer.status).not.toBe(500);
      expect(refusedFields(answer).filter((field) => !hasRule(id, field))).toEqual([]);
      if (Object.keys(overlay).length === 0) expect(answer.status).toBeLessThan(400);
    });
    await fc.assert(property, { seed: SEED, numRuns: RIGHT_RUNS, examples: [[{}]] });
  });

  it('refuses a request with one thing wrong', async () => {
    const right = await happyPlan(world, world.main, operation);
    const accepted: string[] = [];
    for (const { what, plan } of wrongPlans(operation, right)) {
      asked.wrong += 1;
      const [wrong = right] = fc.sample(plan, { seed: SEED, numRuns: 1 });
      const status = await ask(operation, wrong).then((answer) => answer.status, String);
      if (typeof status === 'string' || status < 300 || status > 499) accepted.push(`${what}: ${status}`);
    }
    expect(accepted).toEqual([]);
  });
});

it('has asked every operation of the document', () => {
  expect([...asked.operations].sort()).toEqual(documented.map(({ id }) => id).sort());
});
