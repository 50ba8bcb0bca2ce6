import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const batches: Net = { vitest: ['src/webhooks/apply.test.ts'] };

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
    find: `others.length === 0 && codeOf(error) === undefined`,
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
    find: `largest: 32`,
    replace: `largest: 1`,
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
];
