import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const firehose: Net = { vitest: ['src/firehose'] };
const log: Net = { vitest: ['src/builds/firehose.test.ts'] };
const backup: Net = { vitest: ['src/backup'] };

/** Faults in what is told: who may hear it, in what order, and how much waits for one who does not read. */
export const firehoses: Mutant[] = [
  {
    name: 'firehose: what has committed is told though something older may follow',
    file: 'src/firehose/queries.ts',
    find: `least(pg_snapshot_xmin(pg_current_snapshot()), $4::xid8)`,
    replace: `least(pg_snapshot_xmax(pg_current_snapshot()), $4::xid8)`,
    net: firehose,
  },
  {
    name: 'firehose: what was held back is never looked for again',
    file: 'src/firehose/feed.ts',
    find: `    else if (page.held) setTimeout(wake, heldFor).unref();
`,
    replace: ``,
    net: firehose,
  },
  {
    name: 'firehose: an event of any organisation is a place to go on from',
    file: 'src/firehose/queries.ts',
    find: `where organisation_id = $1 and id = $2::bigint) as tx`,
    replace: `where $1 <> '' and id = $2::bigint) as tx`,
    net: firehose,
  },
  {
    name: 'firehose: what happened before it was asked for is told',
    file: 'src/firehose/position.ts',
    find: ` && !(now && hadEnded(now, event.tx));`,
    replace: `;`,
    net: firehose,
  },
  {
    name: 'firehose: nobody looks at the credential again',
    file: 'src/firehose/outlet.ts',
    find: `      await check();
`,
    replace: `      if (every < 0) await check();
`,
    net: firehose,
  },
  {
    name: 'firehose: any amount waits for a slow reader',
    file: 'src/firehose/outlet.ts',
    find: `if (waiting > 0 && waiting + lines.length > MOST) over.abort();`,
    replace: `if (waiting < 0 && waiting + lines.length > MOST) over.abort();`,
    net: firehose,
  },
  {
    name: 'firehose: one who reads nothing stays for ever',
    file: 'src/firehose/outlet.ts',
    find: `now.taken <= before.taken) return cut();`,
    replace: `now.taken < 0) return cut();`,
    net: firehose,
  },
  {
    name: 'firehose: a log begins again in the middle of a piece',
    file: 'src/builds/log_queries.ts',
    find: `greatest(\${offset}::bigint - c.start, 0)::integer + 1`,
    replace: `1`,
    net: log,
  },
  {
    name: 'firehose: a collaborator who was removed reads on',
    file: 'src/builds/handlers.ts',
    find: `async () => requireBuild(db, await recheck(), id);`,
    replace: `async () => requireBuild(db, (await recheck()) && principal, '1').catch(() => id);`,
    net: log,
  },
  {
    name: 'firehose: restored events keep the transactions of another server',
    file: 'src/backup/queries.ts',
    find: `const LEFT_OUT_COLUMNS = ['events.tx'];`,
    replace: `const LEFT_OUT_COLUMNS = ['events.nothing'];`,
    net: backup,
  },
];
