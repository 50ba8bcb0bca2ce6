import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const builds: Net = { vitest: ['src/builds'] };
const runner: Net = { vitest: ['src/runner/'] };
const runners: Net = { vitest: ['src/runners'] };
const listen: Net = { vitest: ['src/db/listen.test.ts'] };

/** Faults in what is built once, by one runner at a time, and published once. */
export const ofBuilds: Mutant[] = [
  {
    name: 'builds: any fence will do',
    file: 'src/runner/rules.ts',
    find: ` && task.fence === fence;`,
    replace: `;`,
    net: runner,
  },
  {
    name: 'builds: any runner of the organisation may speak for a lease',
    file: 'src/runner/rules.ts',
    find: `task.runner_id === runnerId && `,
    replace: ``,
    net: runner,
  },
  {
    name: 'builds: a heartbeat under an old lease',
    file: 'src/runner/queries.ts',
    find: ` and t.fence = \${fence}`,
    replace: ` and t.fence >= \${fence}`,
    net: runner,
  },
  {
    name: 'builds: two runners wait for the same task',
    file: 'src/runner/hot_queries.ts',
    find: `order by id limit 1 for update skip locked),`,
    replace: `order by id limit 1),`,
    net: runner,
  },
  {
    name: 'builds: tasks of any organisation are leased',
    file: 'src/runner/hot_queries.ts',
    find: `where organisation_id = $1 and state = 'waiting' and kind`,
    replace: `where $1 <> '' and state = 'waiting' and kind`,
    net: runner,
  },
  {
    name: 'builds: a task is found by its id alone',
    file: 'src/runner/queries.ts',
    find: `db.selectFrom('runner_tasks').selectAll().where('organisation_id', '=', organisationId).where('id', '=', id);`,
    replace: `db.selectFrom('runner_tasks').selectAll().where('organisation_id', '!=', \`\${organisationId} \`).where('id', '=', id);`,
    net: runner,
  },
  {
    name: 'builds: a lost task is given away for ever',
    file: 'src/builds/rules.ts',
    find: `losses < MAX_LOSSES ?`,
    replace: `losses >= 0 ?`,
    net: runner,
  },
  {
    name: 'builds: a lease lapses although a heartbeat came',
    file: 'src/builds/actions.ts',
    find: ` || !locked.task.lapsed) return;`,
    replace: `) return;`,
    net: runner,
  },
  {
    name: 'builds: what was cancelled may still succeed',
    file: 'src/builds/actions.ts',
    find: `    if (hasEnded(build.state)) return;
`,
    replace: ``,
    net: builds,
  },
  {
    name: 'builds: a commit that was cancelled is built',
    file: 'src/builds/actions.ts',
    find: `    if (request.state !== 'processing') return;
    if ('error'`,
    replace: `    if ('error'`,
    net: builds,
  },
  {
    name: 'builds: publishes though one failed',
    file: 'src/builds/rules.ts',
    find: `  if (states.includes('build_failed')) return 'failed';
`,
    replace: ``,
    net: builds,
  },
  {
    name: 'builds: publishes before the last has ended',
    file: 'src/builds/rules.ts',
    find: `if (!states.every(hasEnded)) return 'going_on';`,
    replace: `if (!states.some(hasEnded)) return 'going_on';`,
    net: builds,
  },
  {
    name: 'builds: publishes what has ended again',
    file: 'src/builds/tasks.ts',
    find: `    if (request?.state !== 'processing') return;
`,
    replace: `    if (!request) return;
`,
    net: builds,
  },
  {
    name: 'builds: a version that is there counts as published',
    file: 'src/builds/tasks.ts',
    find: `  if (await isTaken(`,
    replace: `  if (!product && await isTaken(`,
    net: builds,
  },
  {
    name: 'builds: a collaborator publishes',
    file: 'src/build_requests/handlers.ts',
    find: `  if (body.publish) requireOwned(access, 'member');
`,
    replace: ``,
    net: builds,
  },
  {
    name: 'builds: a collaborator publishes by a retry',
    file: 'src/build_requests/handlers.ts',
    find: `  if (publishesAgain(old)) requireOwned(access, 'member');
`,
    replace: ``,
    net: builds,
  },
  {
    name: 'builds: the log has gaps',
    file: 'src/builds/log_rules.ts',
    find: `  if (offset > size) throw`,
    replace: `  if (offset > size + MAX_LOG) throw`,
    net: builds,
  },
  {
    name: 'builds: a repeated piece of log is there twice',
    file: 'src/builds/log_rules.ts',
    find: `bytes.subarray(size - offset);`,
    replace: `bytes;`,
    net: builds,
  },
  {
    name: 'builds: any lease may store packs',
    file: 'src/builds/artifact.ts',
    find: `  if (!wish || !wantsArtifact(wish, wish)) throw`,
    replace: `  if (!wish) throw`,
    net: builds,
  },
  {
    name: 'builds: the sweeper takes the packs of an artifact',
    file: 'src/packs/queries.ts',
    find: `
  and not exists (select from build_artifact_packs a
    where a.organisation_id = packs.organisation_id and a.sha256 = packs.sha256)`,
    replace: ``,
    net: builds,
  },
  {
    name: 'builds: a ref may look like an option',
    file: 'src/builds/rules.ts',
    find: `|^[-/]|`,
    replace: `|^[/]|`,
    net: builds,
  },
  {
    name: 'builds: the token of a revoked runner goes on',
    file: 'src/runners/runner.ts',
    find: ` and r.revoked_at is null`,
    replace: ``,
    net: runners,
  },
  {
    name: 'builds: nobody learns that notifications may have been missed',
    file: 'src/db/listen.ts',
    find: `      await client.query(\`listen \${channel}\`);
      tell(channel, undefined);`,
    replace: `      await client.query(\`listen \${channel}\`);
      if (channels.size > 99) tell(channel, undefined);`,
    net: listen,
  },
];
