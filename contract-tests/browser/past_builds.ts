import { createRequest } from '../../src/build_requests/actions.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import { createRunner, type TestRunner, type TestTask } from '../../src/testing/builds.ts';
import { addCollaborator, createTestProject, createTestSuite } from '../../src/testing/projects.ts';
import type { TestServer } from '../../src/testing/serve_on.ts';
import { setSecret } from '../../src/suites/secret_actions.ts';

/** Paths of pages of what was built. */
export interface PastBuilds {
  readonly project: string;
  readonly suite: string;
  /** Of one without suites. */
  readonly emptyProject: string;
  /** Build requests in each state. */
  readonly failed: string;
  readonly published: string;
  readonly refused: string;
  readonly cancelled: string;
  readonly waiting: string;
  readonly failedBuild: string;
}

const LONG =
  'A drum machine in the browser: samples, sequencer and mixer, with a repository whose description goes on.';

/** A project whose builds have ended in every way, collaborators who wait and who came, and runners. */
export async function pastBuilds(
  server: TestServer,
  admin: NewAccount,
  product: string,
  newcomer: NewAccount,
): Promise<PastBuilds> {
  const { deps } = server;
  const actor = { organisationId: admin.orgId, userId: admin.userId };
  const { row } = await createTestProject(deps, admin, {
    ...{ name: 'Drum machine of the house of the rising sun', description: LONG, branches: ['main', 'release/*'] },
    repository_url: 'git@git.department.averylongdomainname.example:teams/audio/drum-machine.git',
  });
  const empty = (await createTestProject(deps, admin, { name: 'Pads' })).row.id;
  const suite = await createTestSuite(deps, admin, row.id, {
    ...{ name: 'npm test', command: 'npm ci && npm run build && npm test -- --reporter=verbose --retries=0' },
    ...{ environment: { CI: 'true', NODE_ENV: 'test' }, artifact_path: 'dist' },
  });
  const where = { organisationId: admin.orgId, projectId: row.id, suiteId: suite.id };
  await setSecret(deps.db, deps, actor, { ...where, name: 'NPM_TOKEN' }, 'npm_abracadabra');
  await createTestSuite(deps, admin, row.id, { name: 'lint', command: 'npm run lint' });
  await addCollaborator(deps, row, { email: 'waiting@mail.department.averylongdomainname.example' });
  await addCollaborator(deps, row, { email: newcomer.email });
  const shared = (await createTestProject(deps, admin, { name: 'Shared' })).row;
  await addCollaborator(deps, shared, { email: newcomer.email, user: newcomer.userId });
  const guest = await server.createAccount('member');
  await addCollaborator(deps, row, { email: guest.email, user: guest.userId });
  const runner = await createRunner(server, admin);
  const past = await endedRequests(server, admin, row.id, runner, product);
  const project = `/dashboard/projects/${row.id}`;
  return { project, suite: `${project}/suites/${suite.id}`, emptyProject: `/dashboard/projects/${empty}`, ...past };
}

const requestPage = (id: string) => `/dashboard/build-requests/${id}`;

function askForBuild({ deps }: TestServer, { orgId, userId }: NewAccount, projectId: string, ref = 'main') {
  const target = { organisationId: orgId, projectId };
  return createRequest(deps.db, deps, target, { ref }, 'api', userId);
}

async function endedRequests(
  server: TestServer,
  admin: NewAccount,
  project: string,
  runner: TestRunner,
  product: string,
): Promise<Pick<PastBuilds, 'failed' | 'published' | 'refused' | 'cancelled' | 'waiting' | 'failedBuild'>> {
  const failed = await askForBuild(server, admin, project);
  await runner.resolve(await runner.take());
  const broken = await runner.take();
  await runner.log(broken, 0, LOG);
  await runner.finish(broken, { exit_code: 1 });
  await runner.finish(await runner.take());

  const published = await askForBuild(server, admin, project, 'release/2026');
  await runner.resolve(await runner.take());
  for (const _suite of [1, 2]) await runner.finish(await runner.take());
  await server.deps.db
    .updateTable('build_requests')
    .set({ publish_product_id: product, publish_version: '2.0.0', publish_activate: true, published_version_id: '1' })
    .where('id', '=', published)
    .execute();

  const refused = await askForBuild(
    server,
    admin,
    project,
    'feature/a-branch-that-nobody-has-pushed-to-any-repository',
  );
  await runner.resolve(await runner.take(), { error: { code: 'ref_not_found', message: 'No such branch.' } });
  const cancelled = await askForBuild(server, admin, project, 'v1.0.0');
  await server.client.post(`/build_requests/${cancelled}/cancel`, { as: admin.apiKey });
  const waiting = await askForBuild(server, admin, project, 'refs/pull/7/head');
  const pages = { failed, published, refused, cancelled, waiting };
  const paths = Object.fromEntries(Object.entries(pages).map(([name, id]) => [name, requestPage(id)]));
  return { ...(paths as typeof pages), failedBuild: `/dashboard/builds/${broken['build'].id_str}` };
}

const LOG = [
  '\x1b[1mnpm test\x1b[0m',
  ...Array.from({ length: 40 }, (_none, n) => `\x1b[32m✓\x1b[0m sequencer plays step ${n + 1} of a bar`),
  `\x1b[31m✗\x1b[0m mixer refuses <script>alert("${'x'.repeat(300)}")</script>`,
  '    at Mixer.play (/build/src/mixer.js:17:11)',
  '',
].join('\r\n');

/** A build that a runner is at. */
export interface Running {
  readonly path: string;
  readonly task: TestTask;
  readonly runner: TestRunner;
}

export async function runningBuild(server: TestServer, admin: NewAccount): Promise<Running> {
  const { row } = await createTestProject(server.deps, admin, { name: 'Running' });
  await createTestSuite(server.deps, admin, row.id, { name: 'npm test', command: 'npm test' });
  const runner = await createRunner(server, admin);
  const id = await askForBuild(server, admin, row.id);
  const take = async (): Promise<TestTask> => {
    const task = await runner.take();
    return task['build_request_id_str'] === id ? task : take();
  };
  await runner.resolve(await take());
  const task = await take();
  await runner.log(task, 0, 'one\n');
  return { path: `/dashboard/builds/${task['build'].id_str}`, task, runner };
}
