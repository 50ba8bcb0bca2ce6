import { setTimeout as pause } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';
import { begun, type BuildRequest, buildOf, ended, logOf, type Project } from './platform.ts';
import { follow, type Program, somethingRuns, startRunner } from './programs.ts';
import type { Workshop } from './site.ts';

export interface Start {
  readonly project: Project;
  readonly wish: object;
  readonly runners: {
    readonly tokens: readonly string[];
    readonly folder: string;
    readonly programs: Program[];
  };
}

/** kill -9 of the runner that builds the suite `kit`, half way; the suite `npm test` fails. */
export async function killedRunner(
  tally: Tally,
  scene: Scene,
  shop: Workshop,
  { project, wish, runners }: Start,
): Promise<BuildRequest> {
  const { platform, server, account, gate } = shop;
  const { id_str } = await platform.post<BuildRequest>(`/projects/${project.id_str}/build_requests`, wish);
  const kit = await buildOf(platform, await begun(platform, id_str), 'kit');
  const log = follow(scene, `${server.url}/builds/${kit.id_str}/firehose`, account.apiKey);
  await reached(gate, 'kit');
  await log.says(/\nhalf way\n/);
  const { state } = await platform.get<{ state: string }>(`/builds/${kit.id_str}`);
  const live = state === 'building' && !log.text().includes('all done');
  tally.check('curl -N shows the log while it is built', live, state);

  const { programs, tokens, folder } = runners;
  const at = programs.findIndex((program) => program.text().includes(`build ${kit.id_str}: kit`));
  await programs[at]?.end('SIGKILL');
  const killed = Date.now();
  programs[at] = await startRunner(scene, server, { token: tokens[at] ?? '', folder });
  tally.check('what a runner left that was killed is gone', !(await somethingRuns('echo kit >&9')));
  gate.open('kit');
  const request = await ended(platform, id_str);
  tally.note(`${Math.round((Date.now() - killed) / 1000)} s from kill -9 of the runner to the end`);

  const code = await log.exited;
  const whole = (await logOf(platform, kit)).toString();
  const twice = /\nhalf way\n\n?\[continuity\] The runner was lost[^\n]*\n[^]*\nhalf way\nall done\n/;
  tally.check('a runner that is killed: its build runs again', twice.test(whole), whole);
  tally.check('curl -N has followed it to its end', code === 0 && log.text() === whole, [code, log.text()]);
  const [test, made] = [await buildOf(platform, request, 'npm test'), await buildOf(platform, request, 'kit')];
  const failed = test.failure === 'exit_code' && test.exit_code === 1 && request.result === 'failed';
  tally.check('one suite fails, the other one succeeds', failed && made.state === 'build_succeed', [
    request,
    test,
    made,
  ]);
  tally.check('the log says why', (await logOf(platform, test)).includes('kick is too soft\n'));
  return request;
}

/** Rejects where the build never gets there. */
export function reached(gate: Workshop['gate'], name: string): Promise<void> {
  const late = pause(60_000, undefined, { ref: false }).then(() =>
    Promise.reject(new Error(`no build came to ${name}`)),
  );
  return Promise.race([gate.reached(name), late]);
}
