import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { lockOrganisation } from '../organisations/queries.ts';
import { createAccessToken } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const setRole = (by: NewAccount, of: NewAccount, role: string) =>
  server.client.put(`/users/${of.userId}`, { as: by.apiKey, json: { role } });
const remove = (by: NewAccount, of: NewAccount) => server.client.delete(`/users/${of.userId}`, { as: by.apiKey });
const whoami = async (as: string) => (await server.client.get('/whoami', { as })).status;
const list = async (as: string, query = {}) => server.client.get('/users', { as, query });
const roles = async (org: string) => {
  const rows = await server.deps.db.selectFrom('users').selectAll().where('organisation_id', '=', org).execute();
  return Object.fromEntries(rows.map(({ id, role }) => [id, role]));
};
const events = (org: string, type: string) =>
  server.deps.db
    .selectFrom('events')
    .select(['user_id', 'data'])
    .where('organisation_id', '=', org)
    .where('type', '=', type)
    .execute();
const join = (org: NewAccount, role: 'owner' | 'admin' | 'member') => server.createAccount(role, { org: org.orgId });

describe('GET /users', () => {
  it('lists the users of the organisation, newest first, page by page', async () => {
    const owner = await server.createAccount('owner');
    await server.createAccount('owner');
    const admin = await join(owner, 'admin');
    const member = await join(owner, 'member');
    const all = await list(admin.apiKey);
    expect(all.json.response.map(({ id_str }: { id_str: string }) => id_str)).toEqual([
      member.userId,
      admin.userId,
      owner.userId,
    ]);
    expect(all.json.response[0]).toMatchObject({ email: member.email, role: 'member', organisation_id: owner.orgId });
    const first = await list(admin.apiKey, { limit: 2 });
    const next = /<(.*)>; rel="next"/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: admin.apiKey });
    expect(second.json.response.map(({ id_str }: { id_str: string }) => id_str)).toEqual([owner.userId]);
    expect(second.headers['link']).toBeUndefined();
  });

  it('shows a name where there is one', async () => {
    const owner = await server.createAccount('owner');
    expect((await list(owner.apiKey)).json.response[0]).not.toHaveProperty('name');
    await server.deps.db.updateTable('users').set({ name: 'Ada' }).where('id', '=', owner.userId).execute();
    expect((await list(owner.apiKey)).json.response[0].name).toBe('Ada');
  });
});

describe('PUT /users/{user_id}', () => {
  it('changes what the user may do from the next request on', async () => {
    const owner = await server.createAccount('owner');
    const member = await join(owner, 'member');
    expect((await list(member.apiKey)).status).toBe(403);
    const { status, json } = await setRole(owner, member, 'admin');
    expect([status, json.response.role, json.response.id_str]).toEqual([200, 'admin', member.userId]);
    expect((await list(member.apiKey)).status).toBe(200);
    await setRole(owner, member, 'member');
    expect((await list(member.apiKey)).status).toBe(403);
    expect(await events(owner.orgId, 'user.role_changed')).toEqual([
      { user_id: owner.userId, data: { changed_user_id: member.userId, from: 'member', to: 'admin' } },
      { user_id: owner.userId, data: { changed_user_id: member.userId, from: 'admin', to: 'member' } },
    ]);
  });

  it('to the role that it is changes nothing', async () => {
    const owner = await server.createAccount('owner');
    expect((await setRole(owner, owner, 'owner')).status).toBe(200);
    expect(await events(owner.orgId, 'user.role_changed')).toEqual([]);
  });

  it('keeps the last owner', async () => {
    const owner = await server.createAccount('owner');
    await join(owner, 'admin');
    const { status, json } = await setRole(owner, owner, 'admin');
    expect([status, json]).toEqual([409, { error: { role: ['conflict'] } }]);
    const second = await join(owner, 'owner');
    expect((await setRole(owner, owner, 'admin')).status).toBe(200);
    expect((await setRole(second, second, 'member')).status).toBe(409);
  });

  it('leaves one owner of two who demote each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [one, two] = await owners(2);
      const answers = await Promise.all([setRole(one, two, 'member'), setRole(two, one, 'member')]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
      expect(Object.values(await roles(one.orgId)).sort()).toEqual(['member', 'owner']);
    }
  });

  it('leaves one owner of three who all step down at once', async () => {
    const all = await owners(3);
    const answers = await Promise.all(all.map((each) => setRole(each, each, 'member')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409]);
    expect(Object.values(await roles(all[0].orgId)).sort()).toEqual(['member', 'member', 'owner']);
  });

  it.each([{ role: 'king' }, { role: null }, { role: '' }, { role: ['owner'] }])('refuses %j', async (json) => {
    const owner = await server.createAccount('owner');
    const answer = await server.client.put(`/users/${owner.userId}`, { as: owner.apiKey, json });
    expect([answer.status, answer.json]).toEqual([403, { error: { role: ['invalid_format'] } }]);
  });

  it.each(['0', 'x', '9223372036854775808', '%00', '1'])('knows no user %s', async (id) => {
    const owner = await server.createAccount('owner');
    const answer = await server.client.put(`/users/${id}`, { as: owner.apiKey, json: { role: 'admin' } });
    expect(answer.status).toBe(404);
  });
});

describe('an owner who is one no more', () => {
  const invite = (by: NewAccount, email: string) =>
    server.client.post('/invitations', { as: by.apiKey, json: { email, role: 'owner' } });
  const invited = async (by: NewAccount) => {
    const { json } = await server.client.get('/invitations', { as: by.apiKey });
    return json.response.map(({ email }: { email: string }) => email);
  };

  it.each(['demoted', 'removed'])('has nobody invited, %s', async (how) => {
    const [one, two] = await owners(2);
    await invite(one, `kept.${one.orgId}@example.com`);
    const ended = (await invite(two, `ended.${one.orgId}@example.com`)).json.response;
    expect((await (how === 'demoted' ? setRole(one, two, 'admin') : remove(one, two))).status).toBe(200);
    expect(await invited(one)).toEqual([`kept.${one.orgId}@example.com`]);
    expect(await events(one.orgId, 'invitation.deleted')).toEqual([
      { user_id: one.userId, data: { invitation_id: ended.id_str, email: ended.email } },
    ]);
  });

  it('invites nobody with a request that came in before', async () => {
    const [one, two] = await owners(2);
    const { db } = server.deps;
    const late = await db.transaction().execute(async (tx) => {
      await lockOrganisation(tx, one.orgId);
      const sent = invite(two, `late.${one.orgId}@example.com`);
      await untilSomebodyWaits(db);
      await tx.updateTable('users').set({ role: 'member' }).where('id', '=', two.userId).execute();
      return { sent };
    });
    expect((await late.sent).json).toEqual({ error: { generic: ['insufficient_role'] } });
    expect(await invited(one)).toEqual([]);
  });
});

describe('DELETE /users/{user_id}', () => {
  it('ends every credential at once and keeps what the user made', async () => {
    const owner = await server.createAccount('owner');
    const admin = await join(owner, 'admin');
    const { product, versionId } = await server.publishSmall(admin);
    const link = await server.client.post('/api/generate-download-url', {
      as: admin.apiKey,
      headers: { 'Idempotency-Key': 'mine' },
      json: { productId: product },
    });
    const token = await createAccessToken(server.deps, admin, ['user']);
    await signIn(admin);
    expect(await whoami(token)).toBe(200);
    const { status, json } = await remove(owner, admin);
    expect([status, json.response.id_str, json.response.email]).toEqual([200, admin.userId, admin.email]);
    expect([await whoami(admin.apiKey), await whoami(token), await sessionsOf(admin)]).toEqual([401, 401, []]);
    const download = await server.client.get('/download', { query: { token: link.json.downloadToken } });
    expect(download.status).toBe(200);
    const version = await server.client.get(`/api/products/${product}/versions/${versionId}`, { as: owner.apiKey });
    expect(version.json.status).toBe('ready');
    expect((await remove(owner, admin)).status).toBe(404);
    expect(await events(owner.orgId, 'user.deleted')).toEqual([
      { user_id: owner.userId, data: { deleted_user_id: admin.userId, email: admin.email, role: 'admin' } },
    ]);
  });

  it.each([undefined, 'a key'])(
    'answers 401 to what the user was making meanwhile (Idempotency-Key %s)',
    async (key) => {
      const owner = await server.createAccount('owner');
      const admin = await join(owner, 'admin');
      const { product } = await server.publishSmall(owner);
      const removal = await startRemoval(admin);
      const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
      const minting = server.client.post('/api/generate-download-url', {
        as: admin.apiKey,
        headers,
        json: { productId: product },
      });
      await untilSomebodyWaits(server.deps.db);
      await removal.commit();
      expect((await minting).status).toBe(401);
    },
  );

  it('keeps the last owner, also when two remove each other at once', async () => {
    const [one, two] = await owners(2);
    const answers = await Promise.all([remove(one, two), remove(two, one)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, expect.toSatisfy((s) => s === 401 || s === 403)]);
    expect(Object.values(await roles(one.orgId))).toEqual(['owner']);
    const left = (await whoami(one.apiKey)) === 200 ? one : two;
    const { status, json } = await remove(left, left);
    expect([status, json]).toEqual([409, { error: { generic: ['conflict'] } }]);
  });

  it('removes oneself where another owner stays', async () => {
    const [one, two] = await owners(2);
    expect([(await remove(one, one)).status, await whoami(one.apiKey), await whoami(two.apiKey)]).toEqual([
      200, 401, 200,
    ]);
  });

  it('frees the address', async () => {
    const owner = await server.createAccount('owner');
    const member = await join(owner, 'member');
    await remove(owner, member);
    const json = { email: member.email, role: 'member' };
    expect((await server.client.post('/invitations', { as: owner.apiKey, json })).status).toBe(201);
  });
});

describe('GET /api_key', () => {
  it('tells when the key was made, and never the key', async () => {
    const { apiKey } = await server.createAccount('member');
    const fresh = (await server.client.post('/api_key', { as: apiKey })).json.response;
    const { json, body } = await server.client.get('/api_key', { as: fresh.api_key });
    expect(json).toEqual({ response: { created_at: fresh.created_at } });
    expect(body.toString()).not.toContain('ct_');
  });
});

type Owners = [NewAccount, NewAccount, ...NewAccount[]];

async function owners(count: number): Promise<Owners> {
  const first = await server.createAccount('owner');
  const others = Array.from({ length: count - 1 }, () => join(first, 'owner'));
  return [first, ...(await Promise.all(others))] as Owners;
}

async function signIn({ userId: user_id }: NewAccount): Promise<void> {
  const { db, ids } = server.deps;
  const hour = 60 * 60 * 1000;
  await db
    .insertInto('sessions')
    .values({
      id: ids.next(),
      user_id,
      token_hash: randomBytes(32),
      address: '192.0.2.1',
      user_agent: 'test',
      expires_at: new Date(Date.now() + hour),
    })
    .execute();
}

const sessionsOf = ({ userId }: NewAccount) =>
  server.deps.db.selectFrom('sessions').select('id').where('user_id', '=', userId).execute();

/** A removal that has happened, but is not committed yet. */
function startRemoval({ userId }: NewAccount): Promise<{ commit(): Promise<void> }> {
  return new Promise((started, failed) => {
    const removing = server.deps.db.transaction().execute(async (tx) => {
      await tx.deleteFrom('users').where('id', '=', userId).execute();
      await new Promise<void>((done) => {
        started({
          async commit() {
            done();
            await removing;
          },
        });
      });
    });
    removing.catch(failed);
  });
}
