import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const access: Net = { vitest: ['src/projects/access.test.ts'] };
const rules: Net = { vitest: ['src/projects/rules.test.ts'] };
const projectTests: Net = { vitest: ['src/projects/projects.test.ts'] };
const suites: Net = { vitest: ['src/suites'] };
const collaborators: Net = { vitest: ['src/collaborators'] };

/** Faults in who may do what with a project, and in what is kept secret of it. */
export const projects: Mutant[] = [
  {
    name: 'project: an invitation that waits opens it',
    file: 'src/projects/access.ts',
    find: `where c.project_id = p.id and c.user_id = \${userId} and owner.suspended_at is null))`,
    replace: `where c.project_id = p.id and owner.suspended_at is null))`,
    net: access,
  },
  {
    name: 'project: those of a suspended owner go on being seen',
    file: 'src/projects/access.ts',
    find: ` and owner.suspended_at is null))`,
    replace: `))`,
    net: access,
  },
  {
    name: 'project: a collaborator counts by the role at home',
    file: 'src/projects/access.ts',
    find: `organisationId === caller.organisationId ? caller.role : null`,
    replace: `caller.role`,
    net: access,
  },
  {
    name: 'project: a transport that runs a command is a URL',
    file: 'src/projects/rules.ts',
    find: `new RegExp(\`^\${USER}@\${HOST}:(?![-:])\${PATH}$\`)`,
    replace: `new RegExp(\`^[^/]*:\${PATH}$\`)`,
    net: rules,
  },
  {
    name: 'project: the host keys of another repository stay pinned',
    file: 'src/projects/actions.ts',
    find: `known_hosts !== undefined || moved ?`,
    replace: `known_hosts !== undefined ?`,
    net: projectTests,
  },
  {
    name: 'project: a private key opens for another project',
    file: 'src/projects/sealed.ts',
    find: '`project key ${organisation_id} ${id}`',
    replace: '`project key ${organisation_id} ${id.slice(0, 0)}`',
    net: projectTests,
  },
  {
    name: 'suite: a secret of one opens under another name',
    file: 'src/suites/sealed.ts',
    find: '${id} ${name}`',
    replace: '${id} ${name.slice(0, 0)}`',
    net: suites,
  },
  {
    name: 'suite: found under any project of the organisation',
    file: 'src/suites/queries.ts',
    find: `.where('s.project_id', '=', projectId);`,
    replace: `.where('s.project_id', 'is not', null);`,
    net: suites,
  },
  {
    name: 'collaborator: any user may accept the invitation of an address',
    file: 'src/collaborators/collaboration_queries.ts',
    find: `eb.and([eb('c.accepted_at', 'is', null), eb('c.email', '=', email)])`,
    replace: `eb.and([eb('c.accepted_at', 'is', null), eb('c.email', '<>', \`\${email} \`)])`,
    net: collaborators,
  },
];
