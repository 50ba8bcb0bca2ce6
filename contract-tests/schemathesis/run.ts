import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cursorAfter } from '../../src/http/pagination.ts';
import { documented } from '../../src/testing/document.ts';
import { readOutput } from '../flows/output.ts';
import { plainEnvironment } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import { signers } from '../recipes/webhooks.ts';
import { createWorld, type World } from '../world.ts';
import type { Turn } from './credentials.ts';
import { serveFixtures } from './fixtures.ts';
import { CHOICES, GRAMMARS, RAW, REFERENCES, UNIQUE, WHOLE } from './needs.ts';
import type { Place } from './place.ts';

const HERE = new URL('.', import.meta.url).pathname;
const REPORTS = new URL('../reports/schemathesis/', import.meta.url).pathname;

/** Runs Schemathesis with one kind of credential, in organisations of its own. Answers its folder and what it printed. */
export async function runTurn(scene: Scene, place: Place, python: string, turn: Turn, options: readonly string[]) {
  const folder = join(REPORTS, turn.replace(' ', '_'));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const world = await createWorld(place.maker);
  const told = {
    ...placeFor(world, place.url, join(folder, 'told.json')),
    fixtures: await serveFixtures(scene, world, turn),
    event: await newestEvent(world),
  };
  const document = '../../generated/openapi.json';
  const reports = ['--report', 'json,junit', '--report-dir', folder];
  const child = spawn(
    python,
    ['-m', 'schemathesis.cli', 'run', document, '--url', place.url, '--no-color', ...reports, ...options],
    {
      cwd: HERE,
      env: plainEnvironment({ SCHEMATHESIS_PLACE: JSON.stringify(told), PYTHONDONTWRITEBYTECODE: '1' }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  scene.onEnd(async () => child.kill('SIGKILL'));
  const output = readOutput(child);
  const code = await output.exited;
  await writeFile(join(folder, 'output.txt'), output.text());
  return { folder, code, output: output.text() };
}

/** What hooks.py is told. */
function placeFor({ main, foreign }: World, url: string, told: string) {
  return {
    url,
    told,
    references: REFERENCES,
    grammars: GRAMMARS,
    choices: CHOICES,
    unique: UNIQUE,
    whole: WHOLE,
    raw: RAW,
    signed: ['receiveGithubPush', ...Object.keys(signers)],
    streams: documented.filter(({ operation }) => operation['x-stream'] === true).map(({ id }) => id),
    cursor: cursorAfter(main.base.versionId),
    kept: [main.owner.userId, main.admin.userId, main.member.userId, main.base.product, main.base.versionId],
    stranger: `Bearer ${foreign.owner.apiKey}`,
  };
}

async function newestEvent({ deps, main }: World): Promise<string> {
  const events = deps.db.selectFrom('events').select('id').where('organisation_id', '=', main.orgId);
  return (await events.orderBy('id', 'desc').executeTakeFirstOrThrow()).id;
}
