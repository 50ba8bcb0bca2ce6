import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createAccessToken } from '../testing/applications.ts';
import { createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { findProjectForRunner, pinKnownHosts } from './runner_queries.ts';
import { openHookSecret, openPrivateKey } from './sealed.ts';

let server: TestServer;
let owner: NewAccount;
let admin: NewAccount;
let member: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.createAccount('owner');
  admin = await server.createAccount('admin', { org: owner.orgId });
  member = await server.createAccount('member', { org: owner.orgId });
});
afterAll(() => server.stop());

const sinatra = { name: 'Sinatra', repository_url: 'git@github.com:sinatra/sinatra.git' };
const create = (json: object = sinatra, as = member.apiKey) => server.client.post('/projects', { as, json });
const created = async (json: object = sinatra, as = member.apiKey) => (await create(json, as)).json.response;
const on = (id: string, more = '') => `/projects/${id}${more}`;

const stored = (id: string) =>
  server.deps.db.selectFrom('projects').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

async function eventsOf(id: string) {
  const rows = await server.deps.db.selectFrom('events').select(['type', 'user_id', 'data']).orderBy('id').execute();
  return rows.filter(({ data }) => (data as { project_id?: string }).project_id === id);
}

describe('creating a project', () => {
  it('answers its public key and its hook secret, and says where the project is', async () => {
    const { status, headers, json } = await create({ ...sinatra, description: 'A DSL.' });
    const { hook_secret: secret, hook_url, ...project } = json.response;
    const id = project.id_str;
    expect([status, headers['location'], headers['cache-control']]).toEqual([
      201,
      `${server.url}${on(id)}`,
      'no-store',
    ]);
    expect(secret).toMatch(/^cth_[A-Za-z0-9_-]{43}$/);
    expect(hook_url).toBe(`${server.url}/hooks/github/${id}`);
    expect(project).toMatchObject({ ...sinatra, description: 'A DSL.', branches: [], build_state: 'new', owned: true });
    expect(project).toMatchObject({ key_type: 'ed25519', known_hosts: '' });
    expect(project.ssh_public_key).toMatch(/^ssh-ed25519 [\w+/]+=* /);
    expect(project.ssh_public_key.endsWith(` ${server.url}`)).toBe(true);
    expect((await server.client.get(on(id), { as: member.apiKey })).json).toEqual({ response: project });
    expect(await eventsOf(id)).toEqual([
      { type: 'project.created', user_id: member.userId, data: { project_id: id, name: 'Sinatra' } },
    ]);
  });

  it('seals the private key and the secret for this project of this organisation alone', async () => {
    const { id_str: id, hook_secret: secret } = await created();
    const row = await stored(id);
    const { vault, db } = server.deps;
    expect(openHookSecret(vault, row)).toBe(secret);
    const found = await findProjectForRunner(db, owner.orgId, id);
    expect(found && openPrivateKey(vault, found)).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
    for (const other of [
      { ...row, id: '1' },
      { ...row, organisation_id: 'other' },
      { ...row, sealed_private_key: row.sealed_hook_secret, sealed_hook_secret: row.sealed_private_key },
    ]) {
      expect(() => openPrivateKey(vault, other)).toThrow();
      expect(() => openHookSecret(vault, other)).toThrow();
    }
    expect(await findProjectForRunner(db, 'other', id)).toBeUndefined();
  });

  it('makes an RSA key where it is asked for one', async () => {
    const { ssh_public_key, key_type } = await created({ ...sinatra, key_type: 'rsa' });
    expect(key_type).toBe('rsa');
    expect(ssh_public_key).toMatch(/^ssh-rsa /);
  });

  it('gives each project a key of its own', async () => {
    const [one, two] = await Promise.all([created(), created()]);
    expect(one.ssh_public_key).not.toBe(two.ssh_public_key);
  });

  it('makes one project of a repetition with the same Idempotency-Key', async () => {
    const send = { as: member.apiKey, headers: { 'Idempotency-Key': 'once' }, json: { ...sinatra, name: 'Once' } };
    const first = await server.client.post('/projects', send);
    expect((await server.client.post('/projects', send)).json).toEqual(first.json);
    const rows = await server.deps.db.selectFrom('projects').select('id').where('name', '=', 'Once').execute();
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['a URL with a password', { repository_url: 'https://user:secret@example.com/x' }, 'repository_url'],
    ['a command for a URL', { repository_url: 'ext::sh -c id' }, 'repository_url'],
    ['an option for a branch', { branches: ['main', '--all'] }, 'branches.1'],
    ['a key that it does not make', { key_type: 'dsa' }, 'key_type'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['host keys that are no text', { known_hosts: 'host\tssh-rsa' }, 'known_hosts'],
  ])('refuses %s', async (_what, change, field) => {
    const { status, json } = await create({ ...sinatra, ...change });
    expect([status, json]).toEqual([403, { error: { [field]: ['invalid_format'] } }]);
  });

  it('names a name of spaces and what is missing', async () => {
    expect((await create({ ...sinatra, name: ' ' })).json).toEqual({ error: { name: ['is_blank'] } });
    const { status, json } = await create({});
    expect([status, json]).toEqual([403, { error: { name: ['is_blank'], repository_url: ['is_blank'] } }]);
  });

  it('takes an access token with the scope', async () => {
    const token = await createAccessToken(server.deps, member, ['projects']);
    expect((await create(sinatra, token)).status).toBe(201);
    const other = await createAccessToken(server.deps, member, ['build_requests']);
    expect((await create(sinatra, other)).json).toEqual({ error: { generic: ['insufficient_scope'] } });
  });
});

describe('listing projects', () => {
  it('shows pages of the own ones, newest first, without secrets', async () => {
    const fresh = await server.createAccount('member');
    for (const name of ['one', 'two', 'three']) await create({ ...sinatra, name }, fresh.apiKey);
    const first = await server.client.get('/projects?limit=2', { as: fresh.apiKey });
    const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: fresh.apiKey });
    const names = [first, second].map(({ json }) => json.response.map(({ name }: { name: string }) => name));
    expect(names).toEqual([['three', 'two'], ['one']]);
    expect(second.headers['link']).toBeUndefined();
    expect(first.body.toString()).not.toMatch(/cth_|PRIVATE/);
  });
});

describe('updating a project', () => {
  it('changes what is sent and leaves the rest', async () => {
    const { hook_secret: _secret, hook_url: _url, ...before } = await created();
    const change = { description: 'New', branches: ['main'] };
    const { json } = await server.client.put(on(before.id_str), { as: member.apiKey, json: change });
    expect(json.response).toEqual({ ...before, ...change, updated_at: json.response.updated_at });
    const last = (await eventsOf(before.id_str)).at(-1);
    expect(last).toMatchObject({ type: 'project.updated', data: { changed: 'description branches' } });
  });

  it('keeps what it had when a field fails', async () => {
    const { id_str: id } = await created();
    const json = { name: 'Other', repository_url: 'file:///etc' };
    const refused = await server.client.put(on(id), { as: member.apiKey, json });
    expect([refused.status, refused.json]).toEqual([403, { error: { repository_url: ['invalid_format'] } }]);
    expect((await server.client.get(on(id), { as: member.apiKey })).json.response.name).toBe('Sinatra');
    const key = await server.client.put(on(id), { as: member.apiKey, json: { key_type: 'rsa' } });
    expect(key.json).toEqual({ error: { key_type: ['unknown_field'] } });
  });

  it('forgets the pinned host keys with another repository, and only then', async () => {
    const { id_str: id } = await created();
    const pin = (text: string) =>
      server.deps.db.transaction().execute((tx) => pinKnownHosts(tx, owner.orgId, id, text));
    const put = async (json: object) =>
      (await server.client.put(on(id), { as: member.apiKey, json })).json.response.known_hosts;
    await pin('github.com ssh-ed25519 AAAA');
    await pin('github.com ssh-ed25519 BBBB');
    expect(await put({ ...sinatra, description: 'x' })).toBe('github.com ssh-ed25519 AAAA');
    expect(await put({ repository_url: 'git@github.com:other/other.git' })).toBe('');
    const given = 'github.com ssh-ed25519 CCCC\n';
    expect(await put({ ...sinatra, known_hosts: given })).toBe(given);
    expect(await put({ known_hosts: '' })).toBe('');
    expect((await stored(id)).known_hosts).toBeNull();
  });
});

describe('refreshing the hook secret', () => {
  const refresh = (id: string, as = admin.apiKey) => server.client.post(on(id, '/hook_secret'), { as });

  it('kills the old one', async () => {
    const { id_str: id, hook_secret: old } = await created();
    const { headers, json } = await refresh(id);
    const { hook_secret: secret } = json.response;
    expect(headers['cache-control']).toBe('no-store');
    expect(secret).toMatch(/^cth_[A-Za-z0-9_-]{43}$/);
    expect(secret).not.toBe(old);
    expect(openHookSecret(server.deps.vault, await stored(id))).toBe(secret);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['project.created', 'project.hook_secret_refreshed']);
  });

  it('is for admins', async () => {
    const { id_str: id, hook_secret: secret } = await created();
    expect((await refresh(id, member.apiKey)).json).toEqual({ error: { generic: ['insufficient_role'] } });
    expect(openHookSecret(server.deps.vault, await stored(id))).toBe(secret);
  });
});

describe('deleting a project', () => {
  it('answers it, once, when asked twice at once, and takes all below it along', async () => {
    const { hook_secret: _secret, hook_url: _url, ...project } = await created();
    const id = project.id_str;
    await createTestSuite(server.deps, owner, id);
    const answers = await Promise.all([1, 2].map(() => server.client.delete(on(id), { as: admin.apiKey })));
    const [done, gone] = answers.sort((a, b) => a.status - b.status);
    expect([done?.status, done?.json]).toEqual([200, { response: project }]);
    expect([gone?.status, gone?.json]).toEqual([404, { error: { project_id: ['not_found'] } }]);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'project.created',
      'suite.created',
      'project.deleted',
    ]);
    const left = server.deps.db.selectFrom('suites').select('id').where('project_id', '=', id);
    expect(await left.execute()).toEqual([]);
  });

  it('is for admins', async () => {
    const { id_str: id } = await created();
    const { status, json } = await server.client.delete(on(id), { as: member.apiKey });
    expect([status, json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
  });
});

describe('an organisation that owes money', () => {
  it('creates and changes none, and still takes things away', async () => {
    const unpaid = await server.createAccount('admin', { billing: 'overdue' });
    const { row } = await createTestProject(server.deps, unpaid);
    const owes = { error: { generic: ['payment_required'] } };
    expect((await create(sinatra, unpaid.apiKey)).json).toEqual(owes);
    expect((await server.client.put(on(row.id), { as: unpaid.apiKey, json: { name: 'x' } })).json).toEqual(owes);
    expect((await server.client.get(on(row.id), { as: unpaid.apiKey })).status).toBe(200);
    expect((await server.client.post(on(row.id, '/hook_secret'), { as: unpaid.apiKey })).status).toBe(200);
    expect((await server.client.delete(on(row.id), { as: unpaid.apiKey })).status).toBe(200);
  });
});
