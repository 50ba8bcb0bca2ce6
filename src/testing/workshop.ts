import { expect } from 'vitest';
import type { RunnerOptions } from '../building/runner.ts';
import type { NewAccount } from '../organisations/actions.ts';
import type { SuiteCreate } from '../suites/actions.ts';
import { createRunner } from './builds.ts';
import type { Answer } from './client.ts';
import { type GitServer, startGitServer } from './git.ts';
import { createTestProject, createTestSuite } from './projects.ts';
import { type Gate, openGate, type RunningRunner, startRunner } from './runner_program.ts';
import { startTestServer, type TestServer } from './server.ts';

/** A server, the repository `kit`, and gates where commands wait. */
export interface Site {
  readonly server: TestServer;
  readonly git: GitServer;
  readonly gate: Gate;
  /** What `main` of `kit` is. */
  readonly sha: string;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const server = await startTestServer({ worker: true });
  const git = await startGitServer();
  const gate = await openGate();
  const sha = await git.commit('kit', { 'kick.txt': 'boom\n', 'hats/open.txt': 'tss\n' });
  return {
    ...{ server, git, gate, sha },
    async close() {
      gate.stop();
      await git.stop();
      await server.stop();
    },
  };
}

/** An organisation of the site, with a runner of its own. */
export interface Workshop {
  readonly owner: NewAccount;
  /** Runners speak with it. */
  readonly token: string;
  /** Tests put others in its place. */
  runner: RunningRunner;
  startRunner(options?: Partial<RunnerOptions>): Promise<RunningRunner>;
  /** What the Platform API answers the owner. */
  get(path: string): Promise<Answer['json']>;
  /** A project of the repository, `kit` where none is named; answers its id. */
  addProject(repositoryUrl?: string): Promise<string>;
  addSuite(projectId: string, fields: Partial<SuiteCreate>): Promise<{ readonly id: string }>;
  /** Asks for a build; answers the request's id. */
  ask(projectId: string, json?: object): Promise<string>;
  /** The request, once it has ended. */
  ended(id: string): Promise<Answer['json']>;
  log(buildId: string): Promise<Buffer>;
  /** Builds one suite of a new project. */
  build(
    fields: Partial<SuiteCreate>,
  ): Promise<{ readonly request: Answer['json']; readonly build: Answer['json']; readonly log: string }>;
}

export async function openWorkshop({ server, git }: Site): Promise<Workshop> {
  const { client, deps, url } = server;
  const owner = await server.createAccount('owner');
  const { token } = await createRunner(server, owner);
  const start: Workshop['startRunner'] = (options) => startRunner({ url, token, unsafe: true, ...options });
  const shop: Workshop = {
    ...{ owner, token, startRunner: start, runner: await start() },
    get: async (path) => (await client.get(path, { as: owner.apiKey })).json.response,
    addProject: async (repository_url = git.url('kit')) =>
      (await createTestProject(deps, owner, { repository_url })).row.id,
    addSuite: (projectId, fields) => createTestSuite(deps, owner, projectId, fields),
    async ask(projectId, json = { ref: 'main' }) {
      const answer = await client.post(`/projects/${projectId}/build_requests`, { as: owner.apiKey, json });
      expect(answer.status).toBe(201);
      return answer.json.response.id_str;
    },
    async ended(id) {
      const state = async () => (await shop.get(`/build_requests/${id}`)).state;
      await expect.poll(state, { timeout: 20_000 }).not.toBe('processing');
      return shop.get(`/build_requests/${id}`);
    },
    async log(buildId) {
      const query = deps.db.selectFrom('build_log_chunks').select('bytes').where('build_id', '=', buildId);
      return Buffer.concat((await query.orderBy('start').execute()).map(({ bytes }) => bytes));
    },
    async build(fields) {
      const id = await shop.addProject();
      await shop.addSuite(id, fields);
      const request = await shop.ended(await shop.ask(id));
      const build = await shop.get(`/builds/${request.builds[0].id_str}`);
      return { request, build, log: (await shop.log(build.id_str)).toString() };
    },
  };
  return shop;
}
