import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { codesIn, problemsOf } from '../../src/testing/check.ts';
import { documented, type Documented } from '../../src/testing/document.ts';
import { wrongPlans } from '../generative/wrong.ts';
import type { Plan } from '../recipes/plan.ts';
import { checkStrangers, isForUsers } from './reads.ts';
import { ask, jsonIn } from './place.ts';
import { entriesOf, note, prove, type Results } from './results.ts';
import { CLEANING, type Made, makings, NotMade, type Step } from './story.ts';

/** Makes things, each first with every field wrong in turn, and adds them to what was made. */
export async function makeThings(results: Results, made: Made, tag: string): Promise<void> {
  for (const step of makings(tag)) {
    await take(results, made, step);
    if (step.operation === 'createManifest') await untilReady(results, made);
  }
  for (const operation of documented.filter((one) => one.method !== 'get' && isForUsers(one)))
    await checkStrangers(results, operation);
}

export async function removeThings(results: Results, made: Made): Promise<void> {
  for (const step of CLEANING) await take(results, made, step);
}

async function take(results: Results, made: Made, step: Step): Promise<void> {
  const succeeding = entriesOf(
    step.operation,
    ({ status, mediaType }) => status < 300 && mediaType === 'application/json',
  );
  const entry = succeeding.at(-1);
  if (!entry) throw new Error(`${step.operation} is not in the document`);
  let plan: Plan;
  try {
    plan = step.plan(made);
  } catch (error) {
    if (!(error instanceof NotMade)) throw error;
    results.reasons.set(step.operation, `the ${error.message} that could not be made before`);
    return;
  }
  if (step.fields) await breakFields(results, entry.operation, plan);
  const answer = await prove(results, entry, plan);
  if (!step.keep || !answer || answer.status !== entry.status) return;
  const [name, from] = step.keep;
  const value = from(jsonIn(answer));
  if (value !== undefined) made[name] = String(value);
}

const SEED = 6;

/** Each constraint of the body broken in turn, as the generative tests break them; the answer must be a documented error. */
async function breakFields(results: Results, operation: Documented, right: Plan): Promise<void> {
  const wrong = wrongPlans(operation, right).filter(({ what }) => /^body(?!.*maxItems)/.test(what));
  for (const { what, plan } of wrong) {
    const [sent = right] = fc.sample(plan, { seed: SEED, numRuns: 1 });
    await note(results, operation, what, sent, (exchange) => {
      const codes = codesIn(jsonIn(exchange));
      for (const code of codes) results.seen.add(`${operation.id} ${exchange.status} ${code} application/json`);
      const refused = exchange.status >= 400 && exchange.status < 500;
      return [...(refused ? [] : [`answered ${exchange.status}`]), ...problemsOf(exchange)];
    });
  }
}

const LONGEST_MS = 60_000;
const BETWEEN_MS = 250;

/** A worker of theirs looks at every file of a version before it can be activated. */
async function untilReady(results: Results, { productId, versionId }: Made): Promise<void> {
  const operation = documented.find(({ id }) => id === 'getVersion');
  if (!operation || productId === undefined || versionId === undefined) return;
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    const version = jsonIn(await ask(results.place, operation, { params: { productId, versionId } }));
    if (version?.status !== 'processing') return;
    if (performance.now() > until) {
      const problems = [`the version was still processing after ${LONGEST_MS / 1000} s`];
      results.all.push({ operation: operation.id, what: 'becomes ready', seconds: LONGEST_MS / 1000, problems });
      return;
    }
    await pause(BETWEEN_MS);
  }
}
