import type { Deps } from '../deps.ts';
import { sealHookSecret, sealPrivateKey } from '../projects/sealed.ts';
import { registerRunner } from '../runners/actions.ts';
import { sealSecret } from '../suites/sealed.ts';
import type { Answer, TestClient } from './client.ts';

/** What a test sees of the project's key when it reaches a runner. */
export const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\ndGVzdA==\n-----END OPENSSH PRIVATE KEY-----\n';

/** A project whose keys are none: no program looks at them. */
export async function insertProject({ db, ids, vault }: Deps, orgId: string): Promise<string> {
  const project = { id: ids.next(), organisation_id: orgId };
  await db
    .insertInto('projects')
    .values({
      ...project,
      name: 'Fixture',
      repository_url: 'https://git.example.com/fixture.git',
      key_type: 'ed25519',
      ssh_public_key: 'ssh-ed25519 AAAA',
      sealed_private_key: sealPrivateKey(vault, project, PRIVATE_KEY),
      sealed_hook_secret: sealHookSecret(vault, project, 'hook secret'),
    })
    .execute();
  return project.id;
}

export interface SuiteFixture {
  readonly name: string;
  readonly artifact_path?: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

export async function insertSuite(
  { db, ids, vault }: Deps,
  orgId: string,
  projectId: string,
  { name, artifact_path, secrets = {} }: SuiteFixture,
): Promise<string> {
  const suite = { id: ids.next(), organisation_id: orgId };
  await db
    .insertInto('suites')
    .values({
      ...suite,
      project_id: projectId,
      name,
      command: `run ${name}`,
      environment: JSON.stringify({ CI: 'true' }),
      timeout_seconds: 60,
      artifact_path: artifact_path ?? null,
    })
    .execute();
  for (const [key, value] of Object.entries(secrets)) {
    const sealed = sealSecret(vault, suite, key, value);
    await db.insertInto('suite_secrets').values({ suite_id: suite.id, name: key, sealed }).execute();
  }
  return suite.id;
}

/** The commit that runners of the tests find, whatever the ref. */
export const COMMIT = {
  ref: '5d41402abc4b2a76b9719d911017c592a1b2c3d4',
  message: 'Tune the kick drum',
  author_name: 'Ada',
  author_email: 'ada@example.com',
  authored_date: '2026-04-01T10:00:00+02:00',
  committer_name: 'Ada',
  committer_email: 'ada@example.com',
  committed_date: '2026-04-01T10:00:00+02:00',
};

/** The answer of a lease. */
export interface TestTask {
  readonly id_str: string;
  readonly kind: string;
  readonly lease_id: string;
  readonly fence: bigint | number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads into it as into any answer
  readonly [key: string]: any;
}

/** A runner that does by hand what `continuity runner` does. */
export interface TestRunner {
  readonly token: string;
  readonly id: string;
  /** Null where there is nothing to do. */
  lease(json?: object): Promise<TestTask | null>;
  /** Leases what must be there. */
  take(): Promise<TestTask>;
  call(method: 'post' | 'put', task: TestTask, path: string, sent?: object): Promise<Answer>;
  finish(task: TestTask, json?: object): Promise<Answer>;
  resolve(task: TestTask, json?: object): Promise<Answer>;
  log(task: TestTask, offset: number, bytes: string | Buffer): Promise<Answer>;
}

export const leaseHeaders = ({ lease_id, fence }: TestTask) => ({ 'Lease-Id': lease_id, Fence: String(fence) });

export async function createRunner(
  { client, deps }: { readonly client: TestClient; readonly deps: Deps },
  { orgId, userId }: { readonly orgId: string; readonly userId: string },
): Promise<TestRunner> {
  const actor = { organisationId: orgId, userId };
  const { row, token } = await registerRunner(deps.db, deps, actor, 'test runner');
  const call: TestRunner['call'] = (method, task, path, sent = {}) =>
    client[method](`/runner/tasks/${task.id_str}/${path}`, { as: token, headers: leaseHeaders(task), ...sent });
  const lease: TestRunner['lease'] = async (json = {}) => {
    const answer = await client.post('/runner/lease', { as: token, json });
    if (answer.status !== 200) throw new Error(`the lease was answered ${answer.status}`);
    return answer.json.response ?? null;
  };
  return {
    token,
    id: row.id,
    lease,
    async take() {
      const task = await lease();
      if (task === null) throw new Error('there is nothing to do');
      return task;
    },
    call,
    finish: (task, json = { exit_code: 0 }) => call('post', task, 'finish', { json }),
    resolve: (task, json = { commit: COMMIT }) => call('post', task, 'resolve', { json }),
    log: (task, offset, bytes) => call('put', task, `log?offset=${offset}`, { body: Buffer.from(bytes) }),
  };
}
