import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { listSuitesWithSecrets, type SuiteWithSecrets } from '../testing/suite_secrets.ts';
import { openSecrets } from './sealed.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

let projectId: string;
let suiteId: string;
beforeEach(async () => {
  projectId = (await createTestProject(server.deps, admin)).row.id;
  suiteId = (await createTestSuite(server.deps, admin, projectId)).id;
});

const suite = () => `/projects/${projectId}/suites/${suiteId}`;
const path = (name: string) => `${suite()}/secrets/${encodeURIComponent(name)}`;
const set = (name: string, value: string, as = admin.apiKey) => server.client.put(path(name), { as, json: { value } });
const unset = (name: string) => server.client.delete(path(name), { as: admin.apiKey });
const names = async () => (await server.client.get(suite(), { as: admin.apiKey })).json.response.secret_names;

const stored = () => listSuitesWithSecrets(server.deps, admin.orgId, projectId);

async function opened(): Promise<Record<string, string>[]> {
  return (await stored()).map((each) => openSecrets(server.deps.vault, each));
}

async function eventsOf(id: string) {
  const rows = await server.deps.db.selectFrom('events').select(['type', 'data']).orderBy('id').execute();
  return rows.filter(({ data }) => (data as { suite_id?: string }).suite_id === id);
}

describe('setting a secret', () => {
  it('shows its name and never its value, which a build of the suite gets', async () => {
    const value = 'npm_Zm9yIHRlc3Rz\nsecond line';
    const answers = [await set('NPM_TOKEN', value), await server.client.get(suite(), { as: admin.apiKey })];
    answers.push(await server.client.get(`/projects/${projectId}/suites`, { as: admin.apiKey }));
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.toString()).not.toContain('npm_Zm9y');
    }
    expect(answers[0]?.json.response.secret_names).toEqual(['NPM_TOKEN']);
    expect(await opened()).toEqual([{ NPM_TOKEN: value }]);
    const data = { project_id: projectId, suite_id: suiteId, name: 'Test suite', secret_name: 'NPM_TOKEN' };
    expect((await eventsOf(suiteId)).at(-1)).toEqual({ type: 'suite.secret_set', data });
  });

  it('replaces what it was, and leaves the others', async () => {
    await set('B', 'old');
    await set('A', 'other');
    await set('B', 'new');
    expect(await names()).toEqual(['A', 'B']);
    expect(await opened()).toEqual([{ A: 'other', B: 'new' }]);
  });

  it('seals it for this suite of this organisation and for this name alone', async () => {
    await set('A', 'secret');
    const [found] = (await stored()) as [SuiteWithSecrets];
    const sealed = found.secrets[0]?.sealed ?? Buffer.alloc(0);
    expect(sealed.toString('latin1')).not.toContain('secret');
    for (const other of [
      { ...found, id: '1' },
      { ...found, organisation_id: 'other' },
      { ...found, secrets: [{ name: 'B', sealed }] },
    ])
      expect(() => openSecrets(server.deps.vault, other)).toThrow();
    expect(await listSuitesWithSecrets(server.deps, 'other', projectId)).toEqual([]);
  });

  it.each(['2X', 'A-B', 'A B', 'A=B', 'É', 'A'.repeat(101)])('refuses the name %s', async (name) => {
    const { status, json } = await set(name, 'x');
    expect([status, json]).toEqual([403, { error: { name: ['invalid_format'] } }]);
    expect(await names()).toEqual([]);
  });

  it.each([
    [{}, 'is_blank'],
    [{ value: '' }, 'is_blank'],
    [{ value: 'a'.repeat(32769) }, 'invalid_format'],
    [{ value: 'a\0b' }, 'invalid_format'],
  ])('refuses a wrong value', async (json, code) => {
    const answer = await server.client.put(path('A'), { as: admin.apiKey, json });
    expect([answer.status, answer.json]).toEqual([403, { error: { value: [code] } }]);
  });

  it('takes 100 of them, also where many come at once, and replaces one of a full set', async () => {
    for (let n = 0; n < 98; n += 1)
      await server.deps.db
        .insertInto('suite_secrets')
        .values({ suite_id: suiteId, name: `S${n}`, sealed: Buffer.alloc(1) })
        .execute();
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map((name) => set(name, 'x')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 403, 403]);
    expect(answers.find(({ status }) => status === 403)?.json).toEqual({ error: { name: ['invalid_format'] } });
    expect((await set('S1', 'x')).status).toBe(200);
    expect(await names()).toHaveLength(100);
  });

  it('is for admins of the owning organisation', async () => {
    const member = await server.createAccount('member', { org: admin.orgId });
    const { status, json } = await set('A', 'x', member.apiKey);
    expect([status, json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    const foreign = await server.createAccount('admin');
    expect((await set('A', 'x', foreign.apiKey)).json).toEqual({ error: { project_id: ['not_found'] } });
    expect(await names()).toEqual([]);
  });
});

describe('deleting a secret', () => {
  it('takes it away, once', async () => {
    await set('A', 'x');
    await set('B', 'y');
    const { status, json } = await unset('A');
    expect([status, json.response.secret_names]).toEqual([200, ['B']]);
    expect(await opened()).toEqual([{ B: 'y' }]);
    const again = await unset('A');
    expect([again.status, again.json]).toEqual([404, { error: { name: ['not_found'] } }]);
    const types = (await eventsOf(suiteId)).map(({ type }) => type);
    expect(types).toEqual(['suite.created', 'suite.secret_set', 'suite.secret_set', 'suite.secret_removed']);
  });

  it('goes with the suite', async () => {
    await set('A', 'x');
    await server.client.delete(suite(), { as: admin.apiKey });
    expect(await stored()).toEqual([]);
    const left = server.deps.db.selectFrom('suite_secrets').select('name').where('suite_id', '=', suiteId);
    expect(await left.execute()).toEqual([]);
    expect((await set('A', 'x')).json).toEqual({ error: { suite_id: ['not_found'] } });
  });
});

it('suites are built with their own secrets, oldest first', async () => {
  const second = await createTestSuite(server.deps, admin, projectId, { name: 'Second' });
  await set('A', 'first');
  suiteId = second.id;
  await set('B', 'second');
  expect(await opened()).toEqual([{ A: 'first' }, { B: 'second' }]);
});
