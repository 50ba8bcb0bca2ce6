import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const mails: Net = { vitest: ['src/dashboard/mails.test.ts'] };
const webhooks: Net = { vitest: ['src/dashboard/webhooks.test.ts'] };
const overview: Net = { vitest: ['src/dashboard/home.test.ts'] };
const charts: Net = { vitest: ['src/dashboard/charts/draw.test.ts'] };
const letters: Net = { vitest: ['src/mail/letter.test.ts'] };

/** Faults in the pages where admins see what became of sales, and in what customers are mailed. */
export const sellingPages: Mutant[] = [
  {
    name: 'selling pages, mails: members see whom a customer’s mail went to',
    file: 'src/dashboard/mails.tsx',
    find: `get(PATH, 'admin', show)`,
    replace: `get(PATH, 'member', show)`,
    net: mails,
  },
  {
    name: 'selling pages, mails: members send mails again',
    file: 'src/dashboard/mails.tsx',
    find: `'admin', tryAgain)`,
    replace: `'member', tryAgain)`,
    net: mails,
  },
  {
    name: 'selling pages, webhooks: the filter is forgotten on the next page',
    file: 'src/dashboard/older.tsx',
    find: `{ ...query, [name]: older }`,
    replace: `{ [name]: older }`,
    net: webhooks,
  },
  {
    name: 'selling pages, webhooks: the next page leaves one out',
    file: 'src/dashboard/older.tsx',
    find: `rows.at(-1)?.id`,
    replace: `found.at(-1)?.id`,
    net: webhooks,
  },
  {
    name: 'selling pages, webhooks: members see what was reported',
    file: 'src/dashboard/webhooks.tsx',
    find: `get(PATH, 'admin', show)`,
    replace: `get(PATH, 'member', show)`,
    net: webhooks,
  },
  {
    name: 'selling pages, charts: styles stay in, which the policy forbids',
    file: 'src/dashboard/charts/draw.ts',
    find: `.replace(/<style[\\s\\S]*?<\\/style>/g, '')`,
    replace: ``,
    net: overview,
  },
  {
    name: 'selling pages, charts: nothing looks like a little',
    file: 'src/dashboard/charts/options.ts',
    find: `started - completed || null`,
    replace: `started - completed`,
    net: charts,
  },
  {
    name: 'selling pages, charts: bytes have no unit',
    file: 'src/dashboard/charts/options.ts',
    find: '`{value} ${UNITS[exponent]}`',
    replace: `'{value}'`,
    net: charts,
  },
  {
    name: 'selling pages, letters: a link without a name is not spelled out',
    file: 'src/mail/letter.tsx',
    find: `{label ?? link}`,
    replace: `{label ?? 'here'}`,
    net: letters,
  },
];
