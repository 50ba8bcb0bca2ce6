import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const net: Net = { vitest: ['src/hooks'] };
const mails: Net = { vitest: ['src/build_requests/mail.test.ts'] };
const pages: Net = { vitest: ['src/dashboard/builds.test.ts'] };

/** Faults in what a push starts, and in who is told or shown what came of it. */
export const ofHooks: Mutant[] = [
  {
    name: 'hooks: unsigned pushes count',
    file: 'src/hooks/receive.ts',
    find: `if (text === '' || signature === '' || !(await verify(secret, text, signature))) throw`,
    replace: `if (text === '' || signature === '') throw`,
    net,
  },
  {
    name: 'hooks: a suspended owner’s project is built',
    file: 'src/hooks/receive.ts',
    find: ` || project.suspended)`,
    replace: `)`,
    net,
  },
  {
    name: 'hooks: a delivery counts as often as it comes',
    file: 'src/hooks/receive.ts',
    find: `if (!(await insertDelivery(tx, projectId, bodySha256))) return`,
    replace: `await insertDelivery(tx, projectId, bodySha256);
    if (bodySha256.length === 0) return`,
    net,
  },
  {
    name: 'hooks: the tip of the branch is built, not what was pushed',
    file: 'src/hooks/receive.ts',
    find: `{ ref: branch, pushed: commit }`,
    replace: `{ ref: branch, pushed: commit.replaceAll(/./g, '0') }`,
    net,
  },
  {
    name: 'hooks: every branch builds',
    file: 'src/hooks/rules.ts',
    find: `return wanted ? { branch, commit } : 'filtered';`,
    replace: `return wanted || branch !== '' ? { branch, commit } : 'filtered';`,
    net,
  },
  {
    name: 'mails: strangers are told of builds',
    file: 'src/build_requests/mail_queries.ts',
    find: ` and c.user_id = u.id))`,
    replace: `))`,
    net: mails,
  },
  {
    name: 'pages: the log goes on from its start',
    file: 'src/dashboard/builds.tsx',
    find: `koa.get('Last-Event-ID') || (query.get('from') ?? '')`,
    replace: `koa.get('Last-Event-ID-none') || (query.get('from') ?? '')`,
    net: pages,
  },
  {
    name: 'pages: a collaborator publishes',
    file: 'src/dashboard/project.tsx',
    find: `if ('publish' in body) requireOwned(access, 'member');`,
    replace: ``,
    net: pages,
  },
];
