import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let owner: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.createAccount('owner');
});
afterAll(() => server.stop());

const invite = (email: string, role = 'member', by = owner) =>
  server.client.post('/invitations', { as: by.apiKey, json: { email, role } });
const list = async (by = owner) =>
  (await server.client.get('/invitations', { as: by.apiKey })).json.response as { id_str: string; email: string }[];
const mailTo = async (address: string) => (await sentMail(server)).filter(({ to }) => to === address);
const open = async (email: string, org = owner.orgId) => {
  const query = server.deps.db.selectFrom('mailed_links').selectAll().where('email', '=', email);
  return query.where('organisation_id', '=', org).where('used_at', 'is', null).execute();
};
const eventsOf = async (type: string, by = owner) => {
  const query = server.deps.db.selectFrom('events').select(['user_id', 'data']).where('type', '=', type);
  return query.where('organisation_id', '=', by.orgId).orderBy('id').execute();
};

describe('POST /invitations', () => {
  it('mails a link and tells of it, without the link', async () => {
    const { status, json, headers, body } = await invite(' Ana@Example.com'.trim(), 'admin');
    const { id_str: id } = json.response;
    expect([status, headers['location']]).toEqual([201, `${server.url}/invitations/${id}`]);
    expect(json.response).toMatchObject({ email: 'ana@example.com', role: 'admin', status: 'pending' });
    const week = 7 * 24 * 60 * 60 * 1000;
    expect(Date.parse(json.response.expires_at) - Date.parse(json.response.created_at)).toBe(week);
    const [mail, ...more] = await mailTo('ana@example.com');
    expect(more).toEqual([]);
    if (!mail) throw new Error('no mail');
    expect(linkIn(mail)).toMatch(/^\/dashboard\/invitations\/accept\?token=[\w-]{43}$/);
    expect(mail.text).toContain(`${owner.email} invites you to join ${owner.orgId} on Continuity as an admin.`);
    const token = linkIn(mail).split('=')[1] ?? '';
    expect(mail.html).toContain(token);
    expect(body.toString()).not.toContain(token);
    const shown = await server.client.get(`/invitations/${id}`, { as: owner.apiKey });
    expect(shown.json).toEqual(json);
    const data = { invitation_id: id, email: 'ana@example.com', role: 'admin' };
    expect(await eventsOf('invitation.created')).toEqual([{ user_id: owner.userId, data }]);
  });

  it('puts names into the mail as text', async () => {
    const account = await server.createAccount('owner');
    const name = '<b>Tom & Jerry</b>';
    await server.deps.db.updateTable('organisations').set({ name }).where('id', '=', account.orgId).execute();
    await invite('markup@example.com', 'member', account);
    const [mail] = await mailTo('markup@example.com');
    expect(mail?.html).toContain('&lt;b>Tom &amp; Jerry&lt;/b>');
    expect(mail?.html).not.toContain('<b>');
    expect(mail?.subject).toBe(`Join ${name} on Continuity`);
  });

  it('refuses an address that has an account, here or elsewhere, in any case', async () => {
    const stranger = await server.createAccount('member');
    for (const email of [owner.email, stranger.email.toUpperCase()]) {
      const { status, json } = await invite(email);
      expect([status, json]).toEqual([403, { error: { email: ['already_taken'] } }]);
      expect(await mailTo(email.toLowerCase())).toEqual([]);
    }
  });

  it('replaces the earlier link to the address', async () => {
    const first = (await invite('twice@example.com')).json.response;
    const second = (await invite('Twice@example.com', 'admin')).json.response;
    expect((await server.client.get(`/invitations/${first.id_str}`, { as: owner.apiKey })).status).toBe(404);
    expect((await open('twice@example.com')).map(({ id, role }) => [id, role])).toEqual([[second.id_str, 'admin']]);
    expect(await mailTo('twice@example.com')).toHaveLength(2);
  });

  it('leaves one link when the address is invited several times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => invite('crowd@example.com')));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(await open('crowd@example.com')).toHaveLength(1);
  });

  it('does not touch another organisation’s invitation, and does not tell of it', async () => {
    const other = await server.createAccount('owner');
    const theirs = (await invite('wanted@example.com', 'member', other)).json.response;
    const ours = await invite('wanted@example.com');
    expect([ours.status, ours.body.toString().includes(other.orgId)]).toEqual([201, false]);
    expect((await open('wanted@example.com', other.orgId)).map(({ id }) => id)).toEqual([theirs.id_str]);
  });

  it('with an Idempotency-Key mails once', async () => {
    const send = () =>
      server.client.post('/invitations', {
        as: owner.apiKey,
        headers: { 'Idempotency-Key': 'once' },
        json: { email: 'once@example.com', role: 'member' },
      });
    const [first, second] = [await send(), await send()];
    expect([second.status, second.json]).toEqual([first.status, first.json]);
    expect(await mailTo('once@example.com')).toHaveLength(1);
  });

  it('mails nothing when the transaction fails', async () => {
    const failing = server.deps.db.transaction().execute(async (tx) => {
      const { invite: act } = await import('./actions.ts');
      const by = { organisationId: owner.orgId, userId: owner.userId };
      await act(tx, server.deps, by, { email: 'never@example.com', role: 'member' });
      throw new Error('cut');
    });
    await expect(failing).rejects.toThrow('cut');
    expect([await mailTo('never@example.com'), await open('never@example.com')]).toEqual([[], []]);
  });

  it.each([
    [{}, { email: ['is_blank'], role: ['is_blank'] }],
    [
      { email: 'nobody', role: 'king' },
      { email: ['invalid_format'], role: ['invalid_format'] },
    ],
    [{ email: 'a b@example.com', role: 'member' }, { email: ['invalid_format'] }],
    [{ email: 'a@example.com\r\nBcc: b@example.com', role: 'member' }, { email: ['invalid_format'] }],
    [{ email: 'a@example.com', role: 'member', admin: true }, { admin: ['unknown_field'] }],
  ])('refuses %j', async (json, error) => {
    const answer = await server.client.post('/invitations', { as: owner.apiKey, json });
    expect([answer.status, answer.json]).toEqual([403, { error }]);
  });
});

describe('an invitation', () => {
  it('can be withdrawn, once', async () => {
    const { id_str: id } = (await invite('withdrawn@example.com')).json.response;
    const withdraw = () => server.client.delete(`/invitations/${id}`, { as: owner.apiKey });
    const answers = await Promise.all([withdraw(), withdraw(), withdraw()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    const done = answers.find(({ status }) => status === 200);
    expect(done?.json.response).toMatchObject({ id_str: id, email: 'withdrawn@example.com' });
    expect((await list()).some(({ id_str }) => id_str === id)).toBe(false);
    const told = (await eventsOf('invitation.deleted')).map(({ data }) => data);
    expect(told).toContainEqual({ invitation_id: id, email: 'withdrawn@example.com' });
    expect(told).toHaveLength(1);
  });

  it('says when it has expired', async () => {
    const { id_str: id } = (await invite('late@example.com')).json.response;
    const expires_at = new Date(Date.now() - 1);
    await server.deps.db.updateTable('mailed_links').set({ expires_at }).where('id', '=', id).execute();
    const { json } = await server.client.get(`/invitations/${id}`, { as: owner.apiKey });
    expect(json.response.status).toBe('expired');
  });

  it('is listed newest first, page by page, for its organisation alone', async () => {
    const account = await server.createAccount('owner');
    for (const name of ['a', 'b', 'c']) await invite(`${name}.page@example.com`, 'member', account);
    const first = await server.client.get('/invitations', { as: account.apiKey, query: { limit: 2 } });
    const next = /<(.*)>; rel="next"/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: account.apiKey });
    const emails = [...first.json.response, ...second.json.response].map(({ email }: { email: string }) => email[0]);
    expect(emails).toEqual(['c', 'b', 'a']);
    expect((await list()).some(({ email }) => email.endsWith('page@example.com'))).toBe(false);
  });

  it('is none where the link is for something else', async () => {
    const { db, ids } = server.deps;
    const id = ids.next();
    await db
      .insertInto('mailed_links')
      .values({
        id,
        organisation_id: owner.orgId,
        kind: 'password_reset',
        token_hash: Buffer.alloc(32, 3),
        email: owner.email,
        user_id: owner.userId,
        expires_at: new Date(Date.now() + 60_000),
      })
      .execute();
    const on = { as: owner.apiKey };
    expect((await server.client.get(`/invitations/${id}`, on)).status).toBe(404);
    expect((await server.client.delete(`/invitations/${id}`, on)).status).toBe(404);
    expect((await list()).some(({ id_str }) => id_str === id)).toBe(false);
  });
});
