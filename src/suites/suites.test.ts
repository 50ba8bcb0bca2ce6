import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
let member: NewAccount;
let projectId: string;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  member = await server.createAccount('member', { org: admin.orgId });
});
afterAll(() => server.stop());

const suites = (more = '') => `/projects/${projectId}/suites${more}`;
const tests = { name: 'npm test', command: 'npm ci && npm test' };
const create = (json: object = tests) => server.client.post(suites(), { as: member.apiKey, json });
const put = (id: string, json: object) => server.client.put(suites(`/${id}`), { as: member.apiKey, json });
const get = async (id: string) => (await server.client.get(suites(`/${id}`), { as: member.apiKey })).json.response;
const freshProject = async () => {
  projectId = (await createTestProject(server.deps, admin)).row.id;
};
/** Its id; in a project of its own. */
const freshSuite = async (fields = {}) => {
  await freshProject();
  return (await createTestSuite(server.deps, member, projectId, fields)).id;
};

async function eventsOf(id: string) {
  const rows = await server.deps.db.selectFrom('events').select(['type', 'user_id', 'data']).orderBy('id').execute();
  return rows.filter(({ data }) => (data as { suite_id?: string }).suite_id === id);
}

describe('creating a suite', () => {
  it('answers it with what was left out, and says where it is', async () => {
    await freshProject();
    const { status, headers, json } = await create();
    const id = json.response.id_str;
    expect([status, headers['location']]).toEqual([201, `${server.url}${suites(`/${id}`)}`]);
    expect(json.response).toMatchObject({ ...tests, project_id_str: projectId, description: '', environment: {} });
    expect(json.response).toMatchObject({ secret_names: [], timeout_seconds: 3600, artifact_path: '' });
    expect(await get(id)).toEqual(json.response);
    const data = { project_id: projectId, suite_id: id, name: 'npm test' };
    expect(await eventsOf(id)).toEqual([{ type: 'suite.created', user_id: member.userId, data }]);
  });

  it('keeps what was sent, letter by letter', async () => {
    await freshProject();
    const environment = { A: '', _b2: 'line\nline', C: "it's $HOME" };
    const sent = { ...tests, command: 'set -e\nmake', environment, timeout_seconds: 86400, artifact_path: 'dist/a b' };
    const { json } = await create(sent);
    expect(await get(json.response.id_str)).toMatchObject(sent);
  });

  it('refuses the name of another suite of the project, also of two at once', async () => {
    await freshProject();
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403]);
    const refused = answers.filter(({ status }) => status === 403).map(({ json }) => json);
    for (const json of refused) expect(json).toEqual({ error: { name: ['already_exists'] } });
    await freshProject();
    expect((await create()).status).toBe(201);
  });

  it.each([
    [
      'a variable that no shell could name',
      { environment: { OK: '1', '2X': 'a', 'A-B': 'b' } },
      ['environment.2X', 'environment.A-B'],
    ],
    ['an empty name of a variable', { environment: { '': 'a' } }, ['environment.']],
    ['an environment that is too large', { environment: { A: 'a'.repeat(32 * 1024) } }, ['environment']],
    ['a variable that is no text', { environment: { A: 1 } }, ['environment.A']],
    ['a path that leads out', { artifact_path: 'dist/../../x' }, ['artifact_path']],
    ['a path from the root', { artifact_path: '/etc' }, ['artifact_path']],
    ['the whole repository', { artifact_path: '.' }, ['artifact_path']],
    ['a path of Windows', { artifact_path: 'dist\\x' }, ['artifact_path']],
    ['no time', { timeout_seconds: 0 }, ['timeout_seconds']],
    ['more than a day', { timeout_seconds: 86401 }, ['timeout_seconds']],
    ['a name of two lines', { name: 'a\nb' }, ['name']],
    ['a NUL', { command: 'a\0b' }, ['command']],
  ])('refuses %s', async (_what, change, fields) => {
    await freshProject();
    const { status, json } = await create({ ...tests, ...change });
    const error = Object.fromEntries(fields.map((field) => [field, ['invalid_format']]));
    expect([status, json]).toEqual([403, { error }]);
  });

  it('takes an environment of exactly 32 KiB, and of 100 variables', async () => {
    await freshProject();
    expect((await create({ ...tests, environment: { A: 'a'.repeat(32 * 1024 - 1) } })).status).toBe(201);
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`V${n}`, 'x']));
    expect((await create({ ...tests, name: 'many', environment: many(100) })).status).toBe(201);
    const { json } = await create({ ...tests, name: 'more', environment: many(101) });
    expect(json).toEqual({ error: { environment: ['invalid_format'] } });
  });

  it('names what is blank', async () => {
    await freshProject();
    const { json } = await create({ name: ' ', command: '\n' });
    expect(json).toEqual({ error: { name: ['is_blank'], command: ['is_blank'] } });
    expect((await create({})).json).toEqual({ error: { name: ['is_blank'], command: ['is_blank'] } });
  });

  it('makes one suite of a repetition with the same Idempotency-Key', async () => {
    await freshProject();
    const send = { as: member.apiKey, headers: { 'Idempotency-Key': 'suite' }, json: tests };
    const first = await server.client.post(suites(), send);
    const again = await server.client.post(suites(), send);
    expect([again.status, again.json]).toEqual([201, first.json]);
  });
});

describe('listing suites', () => {
  it('shows pages, newest first, of the project alone', async () => {
    await freshSuite();
    await freshProject();
    for (const name of ['one', 'two', 'three']) await create({ ...tests, name });
    const first = await server.client.get(suites('?limit=2'), { as: member.apiKey });
    const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: member.apiKey });
    const names = [first, second].map(({ json }) => json.response.map(({ name }: { name: string }) => name));
    expect(names).toEqual([['three', 'two'], ['one']]);
  });
});

describe('updating a suite', () => {
  it('changes what is sent and leaves the rest', async () => {
    const id = await freshSuite({ environment: { A: '1', B: '2' }, artifact_path: 'dist' });
    const before = await get(id);
    const change = { environment: { C: '3' }, artifact_path: '' };
    const { json } = await put(id, change);
    expect(json.response).toEqual({ ...before, ...change, updated_at: json.response.updated_at });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      type: 'suite.updated',
      data: { changed: 'environment artifact_path' },
    });
  });

  it('may keep its name, and not take that of another', async () => {
    const id = await freshSuite();
    await create();
    expect((await put(id, { name: 'Test suite' })).status).toBe(200);
    const { status, json } = await put(id, { name: tests.name });
    expect([status, json]).toEqual([403, { error: { name: ['already_exists'] } }]);
    expect((await get(id)).name).toBe('Test suite');
  });

  it('leaves one suite of two the name that both want', async () => {
    const one = await freshSuite();
    const two = (await createTestSuite(server.deps, member, projectId, { name: 'Other' })).id;
    const answers = await Promise.all([put(one, { name: 'Wanted' }), put(two, { name: 'Wanted' })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
  });

  it('keeps what it had when a field fails', async () => {
    const id = await freshSuite();
    const refused = await put(id, { name: 'Other', artifact_path: '..' });
    expect([refused.status, refused.json]).toEqual([403, { error: { artifact_path: ['invalid_format'] } }]);
    expect((await get(id)).name).toBe('Test suite');
  });
});

describe('deleting a suite', () => {
  it('answers it, once, when asked twice at once', async () => {
    const id = await freshSuite();
    const before = await get(id);
    const remove = () => server.client.delete(suites(`/${id}`), { as: member.apiKey });
    const [done, gone] = (await Promise.all([remove(), remove()])).sort((a, b) => a.status - b.status);
    expect([done?.status, done?.json]).toEqual([200, { response: before }]);
    expect([gone?.status, gone?.json]).toEqual([404, { error: { suite_id: ['not_found'] } }]);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['suite.created', 'suite.deleted']);
  });
});

describe('suites of others', () => {
  it('are not there, under whichever project, and neither is an id that is too large', async () => {
    const id = await freshSuite();
    const foreign = await server.createAccount('owner');
    const theirs = (await createTestProject(server.deps, foreign)).row.id;
    const ask = (path: string, field: string, as: string) => ({ path, field, as });
    const cases = [
      ask(`/projects/${projectId}/suites/${id}`, 'project_id', foreign.apiKey),
      ask(`/projects/${theirs}/suites/${id}`, 'suite_id', foreign.apiKey),
      ask(suites('/9223372036854775808'), 'suite_id', member.apiKey),
      ask(suites('/x'), 'suite_id', member.apiKey),
    ];
    for (const { path, field, as } of cases)
      for (const [method, json] of [['GET'], ['PUT', { name: 'Mine' }], ['DELETE']] as const) {
        const answer = await server.client.request(method, path, { as, ...(json && { json }) });
        expect([answer.status, answer.json]).toEqual([404, { error: { [field]: ['not_found'] } }]);
      }
    expect((await get(id)).name).toBe('Test suite');
  });
});
