import type { NewAccount } from '../organisations/actions.ts';
import {
  createRunner,
  insertProject,
  insertSuite,
  type SuiteFixture,
  type TestRunner,
  type TestTask,
} from './builds.ts';
import type { Answer } from './client.ts';
import type { TestServer } from './server.ts';

/** A project of an organisation of its own, and a runner: what one test leaves to be leased is not found by the next. */
export interface Workbench {
  readonly account: NewAccount;
  readonly runner: TestRunner;
  readonly project: string;
  /** Answers the suite's id. */
  addSuite(suite: SuiteFixture): Promise<string>;
  /** What the Platform API answers the account. */
  get(path: string): Promise<Answer['json']>;
  /** Asks for a build. */
  ask(json?: object): Promise<Answer>;
  /** The same; answers the request's id. */
  asked(json?: object): Promise<string>;
  request(id: string): Promise<Answer['json']>;
  commits(): Promise<Answer['json']>;
  /** What the project says of its repository. */
  projectState(): Promise<string>;
  /** Types of the organisation's events about builds, oldest first. */
  events(): Promise<string[]>;
  act(id: string, what: 'cancel' | 'retry'): Promise<Answer>;
  /** A request whose ref was looked up: its builds wait. */
  resolved(json?: object): Promise<string>;
  /** A request whose first build the runner has begun. */
  building(json?: object): Promise<{ id: string; task: TestTask }>;
}

export async function openWorkbench(server: TestServer, role: 'admin' | 'member' = 'member'): Promise<Workbench> {
  const { client, deps } = server;
  const account = await server.createAccount(role);
  const runner = await createRunner(server, account);
  const project = await insertProject(deps, account.orgId);
  const as = account.apiKey;
  const get: Workbench['get'] = async (path) => (await client.get(path, { as })).json.response;
  const ask: Workbench['ask'] = (json = { ref: 'main' }) =>
    client.post(`/projects/${project}/build_requests`, { as, json });
  const asked: Workbench['asked'] = async (json) => (await ask(json)).json.response.id_str;
  const resolved: Workbench['resolved'] = async (json) => {
    const id = await asked(json);
    await runner.resolve(await runner.take());
    return id;
  };
  return {
    ...{ account, runner, project, get, ask, asked, resolved },
    addSuite: (suite) => insertSuite(deps, account.orgId, project, suite),
    commits: () => get(`/projects/${project}/commits`),
    async projectState() {
      const query = deps.db.selectFrom('projects').select('build_state').where('id', '=', project);
      return (await query.executeTakeFirstOrThrow()).build_state;
    },
    async events() {
      const query = deps.db.selectFrom('events').select('type').where('organisation_id', '=', account.orgId);
      const rows = await query.orderBy('id').execute();
      return rows.map(({ type }) => type).filter((type) => /^(build|commit)/.test(type));
    },
    request: (id) => get(`/build_requests/${id}`),
    act: (id, what) => client.post(`/build_requests/${id}/${what}`, { as }),
    building: async (json) => ({ id: await resolved(json), task: await runner.take() }),
  };
}
