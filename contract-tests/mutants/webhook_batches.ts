import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const batches: Net = { vitest: ['src/webhooks/apply.test.ts'] };
const held: Net = { vitest: ['src/webhooks/held.test.ts'] };
const again: Net = { vitest: ['src/webhooks/again.test.ts'] };

export const webhookBatches: readonly Mutant[] = [
  {
    name: 'batch: a report that fails is called applied',
    file: 'src/webhooks/tasks.ts',
    find: `status: 'failed'`,
    replace: `status: 'applied'`,
    net: batches,
  },
  {
    name: 'batch: an outage is blamed on a report',
    file: 'src/webhooks/tasks.ts',
    find: `others.length === 0 && (codeOf(error) === undefined || isUndone(error))`,
    replace: `codeOf(error) !== 'conflict'`,
    net: batches,
  },
  {
    name: 'batch: two orders that turn out to be one are left apart',
    file: 'src/webhooks/orders.ts',
    find: `orders.length > 1`,
    replace: `orders.length > 9`,
    net: batches,
  },
  {
    name: 'batch: a new mapping misses the lines that are kept at that moment',
    file: 'src/webhooks/tasks.ts',
    find: `await waitForShop(tx, shop);`,
    replace: `void waitForShop;`,
    net: batches,
  },
  {
    name: 'batch: each post has a commit of its own',
    file: 'src/webhooks/store.ts',
    find: `atOnce: 1, largest: 32`,
    replace: `atOnce: 1, largest: 1`,
    net: batches,
  },
  {
    name: 'sweep: what a webhook said is forgotten after two months',
    file: 'src/webhooks/queries.ts',
    find: `const KEPT_DAYS = 90;`,
    replace: `const KEPT_DAYS = 60;`,
    net: batches,
  },
  {
    name: 'sweep: what was not applied yet is forgotten as well',
    file: 'src/webhooks/queries.ts',
    find: `where status in ('applied', 'ignored') and`,
    replace: `where`,
    net: batches,
  },
  {
    name: 'reception: nobody has a turn between the secrets of all organisations',
    file: 'src/webhooks/verify.ts',
    find: `if (i > 0) await turn();`,
    replace: `void turn;`,
    net: held,
  },
  {
    name: 'reception: bodies that nobody signed fill the memory',
    file: 'src/http/held.ts',
    find: `held > MOST_HELD && mine > SMALL`,
    replace: `mine > limit`,
    net: held,
  },
  {
    name: 'reception: small posts wait for large ones',
    file: 'src/webhooks/store.ts',
    find: `> LARGE ? large : small`,
    replace: `> LARGE ? small : small`,
    net: { vitest: ['src/webhooks/store.test.ts'] },
  },
  {
    name: 'reception: each event of FastSpring is kept with all others',
    file: 'src/webhooks/receive.ts',
    find: `reports.length > 1 ? postsOf`,
    replace: `reports.length > MOST_REPORTS ? postsOf`,
    net: { vitest: ['src/webhooks/receive.test.ts'] },
  },
  {
    name: 'sweep: a report that lost its job stays unapplied',
    file: 'src/tasks/sweep.ts',
    find: `await requeueDeliveries(db)`,
    replace: `0`,
    net: again,
  },
  {
    name: 'reception: a report that failed is not applied when it is sent again',
    file: 'src/webhooks/statements.ts',
    find: `and (d.status = 'failed' or`,
    replace: `and (d.status = 'nothing' or`,
    net: again,
  },
];
