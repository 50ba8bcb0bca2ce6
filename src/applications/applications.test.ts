import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createAccessToken } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from '../users/principal.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';
const HTTPS = 'https://app.example.com/oauth_redirect';
const bot = { name: 'Bot', redirect_uris: [OUT_OF_BAND] };

const create = (json: object = bot, as = admin.apiKey) => server.client.post('/applications', { as, json });
const created = async (json: object = bot, as = admin.apiKey) => (await create(json, as)).json.response;
const on = (id: string, more = '') => `/applications/${id}${more}`;

async function eventsOf(id: string) {
  const rows = await server.deps.db.selectFrom('events').select(['type', 'user_id', 'data']).orderBy('id').execute();
  return rows.filter(({ data }) => (data as { application_id?: string }).application_id === id);
}

async function secretHash(id: string): Promise<Buffer | null> {
  const query = server.deps.db.selectFrom('applications').select('secret_hash').where('id', '=', id);
  return (await query.executeTakeFirstOrThrow()).secret_hash;
}

describe('creating an application', () => {
  it('answers the secret once, stores its hash, and says where the application is', async () => {
    const { status, headers, json } = await create({ ...bot, description: 'Publishes.' });
    const { client_secret: secret, ...application } = json.response;
    const id = application.id_str;
    expect([status, headers['location'], headers['cache-control']]).toEqual([
      201,
      `${server.url}${on(id)}`,
      'no-store',
    ]);
    expect(secret).toMatch(/^cts_[A-Za-z0-9_-]{43}$/);
    expect(application).toMatchObject({ client_id: id, ...bot, confidential: true, implicit: false });
    expect(await secretHash(id)).toEqual(hashSecret(secret));
    const shown = await server.client.get(on(id), { as: admin.apiKey });
    expect(shown.json).toEqual({ response: application });
    expect(await eventsOf(id)).toEqual([
      { type: 'application.created', user_id: admin.userId, data: { application_id: id, name: 'Bot' } },
    ]);
  });

  it('gives a public one no secret', async () => {
    const application = await created({ ...bot, confidential: false });
    expect(application.confidential).toBe(false);
    expect(application).not.toHaveProperty('client_secret');
    expect(application).not.toHaveProperty('secret_created_at');
    expect(await secretHash(application.id_str)).toBeNull();
  });

  it('shows the same secret to a repetition with the same Idempotency-Key, and makes one application', async () => {
    const headers = { 'Idempotency-Key': 'create-once' };
    const json = { ...bot, name: 'Once' };
    const post = () => server.client.post('/applications', { as: admin.apiKey, headers, json });
    const answers = await Promise.all([post(), post()]);
    const again = await post();
    for (const { status, json } of answers) if (status !== 409) expect([status, json]).toEqual([201, again.json]);
    expect(
      await server.deps.db.selectFrom('applications').select('id').where('name', '=', 'Once').execute(),
    ).toHaveLength(1);
  });

  it.each([
    ['every failing redirect URI', [HTTPS, 'javascript:alert(1)', OUT_OF_BAND, `${HTTPS}#a`], [1, 3]],
    ['a repeated one', [HTTPS, OUT_OF_BAND, HTTPS], [2]],
    ['an empty one', ['', HTTPS], [0]],
  ])('names %s', async (_what, redirect_uris, failing) => {
    const { status, json } = await create({ ...bot, redirect_uris });
    expect([status, Object.keys(json.error)]).toEqual([403, failing.map((index) => `redirect_uris.${index}`)]);
  });

  it.each([
    ['no redirect URI', { redirect_uris: [] }, { redirect_uris: ['is_blank'] }],
    [
      'too many',
      { redirect_uris: Array.from({ length: 21 }, (_, n) => `${HTTPS}/${n}`) },
      { redirect_uris: ['invalid_format'] },
    ],
    ['an empty name', { name: '' }, { name: ['is_blank'] }],
    [
      'a name of spaces, with a redirect URI that fails',
      { name: ' ', redirect_uris: ['x'] },
      { name: ['is_blank'], 'redirect_uris.0': ['invalid_format'] },
    ],
    ['a name of two lines', { name: 'a\nb' }, { name: ['invalid_format'] }],
    ['a long name', { name: 'a'.repeat(101) }, { name: ['invalid_format'] }],
    ['a secret of its own', { client_secret: 'cts_mine' }, { client_secret: ['unknown_field'] }],
  ])('refuses %s', async (_what, change, error) => {
    const { status, json } = await create({ ...bot, ...change });
    expect([status, json]).toEqual([403, { error }]);
  });
});

describe('listing applications', () => {
  it('shows pages, newest first, without secrets', async () => {
    const fresh = await server.createAccount('admin');
    for (const name of ['one', 'two', 'three']) await create({ ...bot, name }, fresh.apiKey);
    const first = await server.client.get('/applications?limit=2', { as: fresh.apiKey });
    const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: fresh.apiKey });
    const names = [first, second].map(({ json }) => json.response.map(({ name }: { name: string }) => name));
    expect(names).toEqual([['three', 'two'], ['one']]);
    expect(second.headers['link']).toBeUndefined();
    expect(first.body.toString() + second.body.toString()).not.toContain('cts_');
  });
});

describe('updating an application', () => {
  it('changes what is sent and leaves the rest', async () => {
    const { id_str: id, client_secret: secret, ...before } = await created({ ...bot, description: 'Old' });
    const change = { redirect_uris: [HTTPS, 'com.example.app:/callback'], implicit: true };
    const { json } = await server.client.put(on(id), { as: admin.apiKey, json: change });
    expect(json.response).toEqual({ ...before, ...change, id_str: id, updated_at: json.response.updated_at });
    expect(await secretHash(id)).toEqual(hashSecret(secret));
    const last = (await eventsOf(id)).at(-1);
    expect(last).toMatchObject({ type: 'application.updated', data: { changed: 'redirect_uris implicit' } });
  });

  it('never turns a confidential one public, and keeps what it had when a field fails', async () => {
    const { id_str: id } = await created();
    const put = (json: object) => server.client.put(on(id), { as: admin.apiKey, json });
    expect((await put({ confidential: false })).json).toEqual({ error: { confidential: ['unknown_field'] } });
    const refused = await put({ name: 'New', redirect_uris: [HTTPS, 'ftp://example.com'] });
    expect([refused.status, refused.json]).toEqual([403, { error: { 'redirect_uris.1': ['invalid_format'] } }]);
    expect((await server.client.get(on(id), { as: admin.apiKey })).json.response).toMatchObject(bot);
  });
});

describe('rotating the secret', () => {
  const rotate = (id: string) => server.client.post(on(id, '/rotate_secret'), { as: admin.apiKey });

  it('kills the old one', async () => {
    const { id_str: id, client_secret: old } = await created();
    const { headers, json } = await rotate(id);
    expect(headers['cache-control']).toBe('no-store');
    expect(json.response.client_secret).not.toBe(old);
    expect(await secretHash(id)).toEqual(hashSecret(json.response.client_secret));
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['application.created', 'application.secret_rotated']);
  });

  it('leaves one of two that were made at once', async () => {
    const { id_str: id } = await created();
    const secrets = (await Promise.all([rotate(id), rotate(id)])).map(({ json }) => json.response.client_secret);
    expect(new Set(secrets).size).toBe(2);
    const stored = await secretHash(id);
    expect(secrets.filter((secret) => stored?.equals(hashSecret(secret)))).toHaveLength(1);
    expect(await eventsOf(id)).toHaveLength(3);
  });

  it('is refused for a public application, which has none', async () => {
    const { id_str: id } = await created({ ...bot, confidential: false });
    const { status, json } = await rotate(id);
    expect([status, json]).toEqual([409, { error: { generic: ['conflict'] } }]);
    expect(await secretHash(id)).toBeNull();
  });
});

describe('deleting an application', () => {
  it('answers it, once, when asked twice at once', async () => {
    const { client_secret: _secret, ...application } = await created();
    const path = on(application.id_str);
    const answers = await Promise.all([1, 2].map(() => server.client.delete(path, { as: admin.apiKey })));
    const [done, gone] = answers.sort((a, b) => a.status - b.status);
    expect([done?.status, done?.json]).toEqual([200, { response: application }]);
    expect([gone?.status, gone?.json]).toEqual([404, { error: { application_id: ['not_found'] } }]);
    const types = (await eventsOf(application.id_str)).map(({ type }) => type);
    expect(types).toEqual(['application.created', 'application.deleted']);
  });

  it('takes what users granted with it', async () => {
    const { db } = server.deps;
    const token = await createAccessToken(server.deps, admin, ['user']);
    const [granted] = await db.selectFrom('authorizations').select('application_id').execute();
    expect((await server.client.get('/whoami', { as: token })).status).toBe(200);
    await server.client.delete(on(granted?.application_id ?? ''), { as: admin.apiKey });
    expect((await server.client.get('/whoami', { as: token })).status).toBe(401);
    for (const table of ['authorizations', 'access_tokens'] as const)
      expect(await db.selectFrom(table).select('id').execute()).toEqual([]);
  });
});

describe('applications of others', () => {
  it('are not there, and an id that is too large is not either', async () => {
    const { id_str: id } = await created();
    const foreign = (await server.createAccount('owner')).apiKey;
    const ask = [
      () => server.client.get(on(id), { as: foreign }),
      () => server.client.put(on(id), { as: foreign, json: { name: 'Mine' } }),
      () => server.client.post(on(id, '/rotate_secret'), { as: foreign }),
      () => server.client.delete(on(id), { as: foreign }),
      () => server.client.get(on('9223372036854775808'), { as: admin.apiKey }),
      () => server.client.delete(on('x'), { as: admin.apiKey }),
      () => server.client.put(on('0'), { as: admin.apiKey, json: {} }),
    ];
    for (const one of ask) {
      const { status, json } = await one();
      expect([status, json]).toEqual([404, { error: { application_id: ['not_found'] } }]);
    }
    expect((await server.client.get('/applications', { as: foreign })).json).toEqual({ response: [] });
    expect((await server.client.get(on(id), { as: admin.apiKey })).json.response.name).toBe('Bot');
  });

  it('are closed to members', async () => {
    const member = (await server.createAccount('member', { org: admin.orgId })).apiKey;
    const { status, json } = await server.client.get('/applications', { as: member });
    expect([status, json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
    expect((await create(bot, member)).status).toBe(403);
  });
});

describe('an organisation that owes money', () => {
  it('creates none, and still takes access away', async () => {
    const org = admin.orgId;
    const { id_str: id } = await created();
    await server.deps.db.updateTable('organisations').set({ billing: 'overdue' }).where('id', '=', org).execute();
    expect((await create()).json).toEqual({ error: { generic: ['payment_required'] } });
    expect((await server.client.post(on(id, '/rotate_secret'), { as: admin.apiKey })).status).toBe(200);
    expect((await server.client.put(on(id), { as: admin.apiKey, json: { implicit: false } })).status).toBe(200);
    expect((await server.client.delete(on(id), { as: admin.apiKey })).status).toBe(200);
    await server.deps.db.updateTable('organisations').set({ billing: 'active' }).where('id', '=', org).execute();
  });
});
