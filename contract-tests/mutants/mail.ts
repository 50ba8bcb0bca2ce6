import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const delivery: Net = { vitest: ['src/mail/delivery.test.ts'] };
const smtp: Net = { vitest: ['src/mail/smtp.test.ts'] };
const news: Net = { vitest: ['src/releases/announce.test.ts'] };
const backups: Net = { vitest: ['src/backup/backup.test.ts'] };

/** Faults by which a mail is lost, doubled, or sent to who does not want it. */
export const mail: Mutant[] = [
  {
    name: 'mail: what is refused for good is tried for days',
    file: 'src/mail/smtp.ts',
    find: `return responseCode >= 500 &&`,
    replace: `return responseCode >= 600 &&`,
    net: smtp,
  },
  {
    name: 'mail: each try is a message of its own',
    file: 'src/mail/message.ts',
    find: '`<${id}.continuity@',
    replace: '`<${process.hrtime.bigint()}.continuity@',
    net: smtp,
  },
  {
    name: 'mail: one that was sent goes out again',
    file: 'src/mail/delivery.ts',
    find: `if (row && row.state !== 'waiting') return;`,
    replace: ``,
    net: delivery,
  },
  {
    name: 'mail: given up within the hour',
    file: 'src/tasks/sealed.ts',
    find: `const ATTEMPTS = 20;`,
    replace: `const ATTEMPTS = 8;`,
    net: delivery,
  },
  {
    name: 'mail: the sweeper gives up what is tried still',
    file: 'src/mail/queries.ts',
    find: `and (j.is_available or j.locked_at is not null)`,
    replace: `and j.locked_at is not null`,
    net: delivery,
  },
  {
    name: 'mail: news overtake what was bought',
    file: 'src/mail/job_queries.ts',
    find: `kind === 'announcement' ? 10 : 0`,
    replace: `kind === 'announcement' ? 0 : 0`,
    net: news,
  },
  {
    name: 'mail: who unsubscribed gets what is in the queue',
    file: 'src/releases/rules.ts',
    find: `return unsubscribed ? 'unsubscribed' : undefined;`,
    replace: `return undefined;`,
    net: news,
  },
  {
    name: 'mail: one click asks for a form of ours',
    file: 'src/releases/page.tsx',
    find: `{ ...post(PATH, 'public', take), open: true }`,
    replace: `post(PATH, 'public', take)`,
    net: news,
  },
  {
    name: 'mail: a slow one is sent by a second worker too',
    file: 'src/tasks/presence.ts',
    find: `own.add(workerPool.id);`,
    replace: `own.add('');`,
    net: { vitest: ['src/tasks/presence.test.ts'] },
  },
  {
    name: 'mail: goes out again after a restore',
    file: 'src/backup/requeue.ts',
    find: `update mails set state = 'failed'`,
    replace: `update mails set state = 'waiting'`,
    net: backups,
  },
];
