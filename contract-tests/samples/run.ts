import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import document from '../../generated/openapi.json' with { type: 'json' };
import { samplesOf } from '../../src/docs/samples/add_samples.ts';
import { operationsOf } from '../../src/docs/samples/document.ts';
import { requestOf, type SampleRequest } from '../../src/docs/samples/request.ts';
import { type Documented, documented } from '../../src/testing/document.ts';
import { run } from '../flows/run.ts';
import type { Tally } from '../flows/tally.ts';
import type { Plan } from '../recipes/plan.ts';
import type { World } from '../world.ts';
import { failingRight } from './failing.ts';
import { filled, withExample } from './filled.ts';
import { fixtureFor } from './fixtures.ts';
import { problemsOf } from './judge.ts';
import type { Recorder } from './recorder.ts';
import type { Toolchain } from './toolchains.ts';

export interface Place {
  readonly folder: string;
  readonly world: World;
  readonly recorder: Recorder;
}

interface Prepared {
  readonly operation: Documented;
  readonly plan: Plan;
  readonly request: SampleRequest;
  readonly secret: string | undefined;
}

/** A process is mostly starting up; two cores are busy with three. */
const AT_ONCE = 3;

/** Runs the sample of every operation once, on fixtures of its own. */
export async function runLanguage(toolchain: Toolchain, place: Place, tally: Tally): Promise<void> {
  const prepared: Prepared[] = [];
  for (const operation of documented) prepared.push(await prepare(toolchain, place, operation));
  await toolchain.build?.(
    place.folder,
    prepared.map(({ operation }) => operation.id),
  );
  const limit = pLimit(AT_ONCE);
  const results = await Promise.all(prepared.map((one) => limit(() => runOne(toolchain, place, one))));
  for (const { id, problems } of results) if (problems.length > 0) tally.check(id, false, problems);
  const good = results.filter(({ problems }) => problems.length === 0).length;
  tally.check(`${good} of ${documented.length} samples work`, good === documented.length);
  await failingRight(toolchain, place, tally);
}

async function prepare({ label, file }: Toolchain, place: Place, operation: Documented): Promise<Prepared> {
  const fixture = await fixtureFor(place.world, operation);
  const plan = withExample(operation, fixture.plan);
  const own = filled(document, operation, plan);
  const [only] = operationsOf(own);
  if (!only) throw new Error(`${operation.id} is lost`);
  const request = requestOf(own, only);
  const source = samplesOf(own)
    .get(operation.id)
    ?.find((sample) => sample.label === label)?.source;
  const folder = join(place.folder, operation.id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), `${source ?? ''}\n`);
  if (request.body?.kind === 'file') await writeFile(join(folder, request.body.name), plan.body ?? '');
  return { operation, plan, request, secret: fixture.secret };
}

async function runOne(toolchain: Toolchain, place: Place, prepared: Prepared) {
  const { operation, plan, request, secret } = prepared;
  const { id } = operation;
  const name = `${toolchain.label}-${id}`;
  const folder = join(place.folder, id);
  const [command, ...args] = toolchain.command(place.folder, id);
  const env = {
    CONTINUITY_URL: place.recorder.urlFor(name),
    ...credentials(plan.key),
    ...(secret === undefined ? {} : { WEBHOOK_SECRET: secret }),
  };
  const ran = await run(command, args, { cwd: folder, env, limit: 30_000 });
  const exchanges =
    request.answer.kind === 'page' ? await visit(ran.out, plan, place, name) : place.recorder.exchanges(name);
  return { id, problems: problemsOf({ operation, plan, request, folder, ran, exchanges }) };
}

/** By its prefix a token is of one kind only; the sample must look for it under the right name. */
function credentials(key: string | null | undefined): Record<string, string> {
  const names = { ct: 'CONTINUITY_API_KEY', ctm: 'CONTINUITY_PORTAL_TOKEN', ctr: 'CONTINUITY_RUNNER_TOKEN' };
  const name = names[(key ?? '').split('_')[0] as keyof typeof names];
  return key && name ? { [name]: key } : {};
}

/** A sample that names a page: its reader's browser, which is signed in, opens it. */
async function visit(out: string, plan: Plan, { recorder }: Place, name: string) {
  const [, url = ''] = /^Open (\S+) in a browser$/m.exec(out) ?? [];
  await fetch(url, { headers: plan.headers ?? {} });
  return recorder.exchanges(name);
}
