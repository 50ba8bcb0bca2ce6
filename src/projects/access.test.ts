import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { addCollaborator, createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import type { ProjectRow } from './queries.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let owner: NewAccount;
let member: NewAccount;
let collaborator: NewAccount;
let stranger: NewAccount;
let project: ProjectRow;
let suiteId: string;
beforeEach(async () => {
  owner = await server.createAccount('owner');
  member = await server.createAccount('member', { org: owner.orgId });
  collaborator = await server.createAccount('owner');
  stranger = await server.createAccount('owner');
  project = (await createTestProject(server.deps, owner)).row;
  suiteId = (await createTestSuite(server.deps, owner, project.id)).id;
  await addCollaborator(server.deps, project, { email: collaborator.email, user: collaborator.userId });
});

const own = () => `/projects/${project.id}`;
const suite = () => `${own()}/suites/${suiteId}`;
const get = (path: string, { apiKey }: NewAccount) => server.client.get(path, { as: apiKey });
const listed = async (account: NewAccount) =>
  (await get('/projects', account)).json.response.map(({ id_str }: { id_str: string }) => id_str);

/** Everything that reads, and everything that changes, with the least role in the owning organisation. */
const reads = () => [own(), `${own()}/suites`, suite()];
const changes = () => [
  { method: 'PUT', path: own(), json: { description: 'x' } },
  { method: 'POST', path: `${own()}/suites`, json: { name: 'Other', command: 'true' } },
  { method: 'PUT', path: suite(), json: { description: 'x' } },
  { method: 'PUT', path: `${suite()}/secrets/TOKEN`, json: { value: 'x' } },
  { method: 'DELETE', path: `${suite()}/secrets/TOKEN` },
  { method: 'DELETE', path: suite() },
  { method: 'POST', path: `${own()}/hook_secret` },
  { method: 'GET', path: `${own()}/collaborators` },
  { method: 'POST', path: `${own()}/collaborators`, json: { email: 'friend@example.com' } },
  { method: 'GET', path: `${own()}/collaborators/1` },
  { method: 'DELETE', path: `${own()}/collaborators/1` },
  { method: 'DELETE', path: own() },
];

async function outcomes({ apiKey }: NewAccount) {
  const answers = [];
  for (const { method, path, json } of changes())
    answers.push(await server.client.request(method, path, { as: apiKey, ...(json && { json }) }));
  return answers;
}

describe('a user of the organisation', () => {
  it('sees the project as owned, and changes what a member may', async () => {
    expect(await listed(member)).toEqual([project.id]);
    for (const path of reads()) expect((await get(path, member)).status).toBe(200);
    expect((await get(own(), member)).json.response.owned).toBe(true);
    const statuses = (await outcomes(member)).map(({ status }) => status);
    expect(statuses).toEqual([200, 201, 200, 403, 403, 200, 403, 403, 403, 403, 403, 403]);
  });
});

describe('a collaborator', () => {
  it('sees the project beside the own ones, newest first, as not owned', async () => {
    const before = (await createTestProject(server.deps, collaborator)).row.id;
    expect(await listed(collaborator)).toEqual([before, project.id]);
    const page = await get('/projects?limit=1', collaborator);
    const next = /<(.*)>; rel="next"/.exec(String(page.headers['link']))?.[1] ?? '';
    const { json } = await get(next.slice(server.url.length), collaborator);
    expect(json.response.map(({ id_str }: { id_str: string }) => id_str)).toEqual([project.id]);
    for (const path of reads()) expect((await get(path, collaborator)).status).toBe(200);
    expect((await get(own(), collaborator)).json.response.owned).toBe(false);
  });

  it('changes nothing, whatever the role at home', async () => {
    const before = await server.deps.db.selectFrom('events').select('id').execute();
    for (const { status, json } of await outcomes(collaborator))
      expect([status, json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    expect(await server.deps.db.selectFrom('events').select('id').execute()).toEqual(before);
  });

  it('goes on reading while either side owes money', async () => {
    for (const org of [owner.orgId, collaborator.orgId]) await setStanding(server.deps, org, { billing: 'overdue' });
    for (const path of reads()) expect((await get(path, collaborator)).status).toBe(200);
    expect(await listed(collaborator)).toEqual([project.id]);
  });

  it('sees nothing of a suspended owner', async () => {
    await setStanding(server.deps, owner.orgId, { suspended: true });
    expect(await listed(collaborator)).toEqual([]);
    for (const path of reads())
      expect((await get(path, collaborator)).json).toEqual({ error: { project_id: ['not_found'] } });
    await setStanding(server.deps, owner.orgId, { suspended: false });
    expect(await listed(collaborator)).toEqual([project.id]);
  });

  it('sees no other project of that organisation', async () => {
    const other = (await createTestProject(server.deps, owner)).row.id;
    expect((await get(`/projects/${other}`, collaborator)).status).toBe(404);
    expect((await get(`/projects/${other}/suites/${suiteId}`, member)).status).toBe(404);
  });

  it('is a stranger again once removed', async () => {
    await server.deps.db.deleteFrom('collaborators').where('project_id', '=', project.id).execute();
    expect(await listed(collaborator)).toEqual([]);
    expect((await get(own(), collaborator)).status).toBe(404);
  });
});

describe('whoever else', () => {
  it.each(['a stranger', 'a colleague of a collaborator', 'somebody who has not accepted'])(
    'sees and changes nothing: %s',
    async (who) => {
      const account =
        who === 'a colleague of a collaborator'
          ? await server.createAccount('admin', { org: collaborator.orgId })
          : stranger;
      if (who === 'somebody who has not accepted')
        await addCollaborator(server.deps, project, { email: stranger.email });
      expect(await listed(account)).toEqual([]);
      const answers = await outcomes(account);
      for (const path of reads()) answers.push(await get(path, account));
      for (const { status, json } of answers)
        expect([status, json]).toEqual([404, { error: { project_id: ['not_found'] } }]);
    },
  );

  it.each(['0', 'x', '9223372036854775808', '%00'])('knows no project %s', async (id) => {
    expect((await get(`/projects/${id}`, owner)).status).toBe(404);
  });
});

describe('the owner', () => {
  it('who owes money makes nothing that is built', async () => {
    await setStanding(server.deps, owner.orgId, { billing: 'overdue' });
    const [project, suite, update, secret] = await outcomes(owner);
    for (const answer of [project, suite, update, secret])
      expect([answer?.status, answer?.json]).toEqual([402, { error: { generic: ['payment_required'] } }]);
  });

  it('who is suspended is let in no further than that', async () => {
    await setStanding(server.deps, owner.orgId, { suspended: true });
    expect((await get(own(), owner)).json).toEqual({ error: { generic: ['account_suspended'] } });
  });
});
