import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUser, type NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { sentMail } from '../testing/mail.ts';
import { addCollaborator, createTestProject } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let owner: NewAccount;
let admin: NewAccount;
let guest: NewAccount;
let projectId: string;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.createAccount('owner');
  admin = await server.createAccount('admin', { org: owner.orgId });
});
afterAll(() => server.stop());
beforeEach(async () => {
  guest = await server.createAccount('member');
  projectId = (await createTestProject(server.deps, owner, { name: 'Sinatra' })).row.id;
});

const list = (more = '') => `/projects/${projectId}/collaborators${more}`;
const invite = (email: string, as = admin.apiKey) => server.client.post(list(), { as, json: { email } });
/** Its id. */
const invited = async (email = guest.email): Promise<string> => (await invite(email)).json.response.id_str;
const accept = (id: string, as = guest.apiKey) => server.client.post(`/collaborations/${id}/accept`, { as });
const leave = (id: string, as = guest.apiKey) => server.client.delete(`/collaborations/${id}`, { as });
const remove = (id: string, as = admin.apiKey) => server.client.delete(list(`/${id}`), { as });
const mine = async (as = guest.apiKey) => (await server.client.get('/collaborations', { as })).json.response;
const sees = async (as = guest.apiKey) => (await server.client.get(`/projects/${projectId}`, { as })).status;
const gone = { error: { collaborator_id: ['not_found'] } };

async function eventsOf(id: string) {
  const query = server.deps.db.selectFrom('events').select(['organisation_id', 'type', 'user_id', 'data']);
  const rows = await query.orderBy('id').execute();
  return rows.filter(({ data }) => (data as { collaborator_id?: string }).collaborator_id === id);
}

describe('inviting', () => {
  it('opens nothing before it is accepted, and everything a collaborator may see after', async () => {
    const { status, headers, json } = await invite(` ${guest.email.toUpperCase()} `.trim());
    const id = json.response.id_str;
    expect([status, headers['location']]).toEqual([201, `${server.url}${list(`/${id}`)}`]);
    expect(json.response).toMatchObject({ email: guest.email, state: 'waiting', project_id_str: projectId });
    expect(json.response).not.toHaveProperty('accepted_at');
    expect(await sees()).toBe(404);
    expect(await mine()).toEqual([
      expect.objectContaining({
        ...{ id_str: id, state: 'waiting', project_id_str: projectId, project_name: 'Sinatra' },
        organisation_id: owner.orgId,
      }),
    ]);
    const accepted = await accept(id);
    expect([accepted.status, accepted.json.response.state]).toEqual([200, 'accepted']);
    expect(accepted.json.response.accepted_at).toBeDefined();
    expect(await sees()).toBe(200);
    const shown = await server.client.get(list(`/${id}`), { as: admin.apiKey });
    expect(shown.json.response).toMatchObject({ email: guest.email, state: 'accepted' });
    const data = { project_id: projectId, collaborator_id: id, email: guest.email };
    expect(await eventsOf(id)).toEqual([
      { organisation_id: owner.orgId, type: 'collaborator.invited', user_id: admin.userId, data },
      { organisation_id: owner.orgId, type: 'collaborator.accepted', user_id: guest.userId, data },
    ]);
  });

  it('mails who invites to what, and where to accept', async () => {
    const email = `new.${guest.orgId}@example.com`;
    expect((await invite(email)).status).toBe(201);
    const mail = (await sentMail(server)).find(({ to }) => to === email);
    expect(mail?.subject).toContain('Sinatra');
    expect(mail?.text).toContain(admin.email);
    expect(mail?.text).toContain(`${server.url}/dashboard/collaborations\n`);
  });

  it('waits for an address that gets an account later', async () => {
    const email = `later.${guest.orgId}@example.com`;
    const id = await invited(email);

    const late = await createUser(server.deps.db, server.deps, guest.orgId, { email, role: 'member' });
    expect((await mine(late.apiKey)).map(({ id_str }: { id_str: string }) => id_str)).toEqual([id]);
    expect((await accept(id, late.apiKey)).status).toBe(200);
    expect(await sees(late.apiKey)).toBe(200);
  });

  it('refuses an address that is invited or has access, and mails nothing then', async () => {
    const id = await invited();
    const before = (await sentMail(server)).length;
    const again = await Promise.all([invite(guest.email), invite(guest.email)]);
    await accept(id);
    for (const { status, json } of [...again, await invite(guest.email), await invite(owner.email)])
      expect([status, json]).toEqual([403, { error: { email: ['already_exists'] } }]);
    await server.deps.db
      .updateTable('users')
      .set({ email: `x.${guest.email}` })
      .where('id', '=', guest.userId)
      .execute();
    expect((await invite(`x.${guest.email}`)).json).toEqual({ error: { email: ['already_exists'] } });
    expect((await sentMail(server)).length).toBe(before);
  });

  it('invites once where two ask at once', async () => {
    const answers = await Promise.all([invite(guest.email), invite(guest.email)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 403]);
    expect((await sentMail(server)).filter(({ to }) => to === guest.email)).toHaveLength(1);
  });

  it.each(['', 'nobody', 'a@b', 'a b@example.com', 'a@example.com\nb@example.com'])('refuses %j', async (email) => {
    const { status, json } = await invite(email);
    expect(status).toBe(403);
    expect(json).toEqual({ error: { email: [email === '' ? 'is_blank' : 'invalid_format'] } });
  });

  it('is for admins of the owning organisation, one that pays', async () => {
    const member = await server.createAccount('member', { org: owner.orgId });
    expect((await invite(guest.email, member.apiKey)).json).toEqual({ error: { generic: ['insufficient_role'] } });
    const unpaid = await server.createAccount('admin', { billing: 'overdue' });
    projectId = (await createTestProject(server.deps, unpaid)).row.id;
    expect((await invite(guest.email, unpaid.apiKey)).status).toBe(402);
  });
});

describe('accepting', () => {
  it('again changes nothing, also at once', async () => {
    const id = await invited();
    const answers = await Promise.all([accept(id), accept(id)]);
    answers.push(await accept(id));
    for (const { status, json } of answers) expect([status, json.response.state]).toEqual([200, 'accepted']);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['collaborator.invited', 'collaborator.accepted']);
  });

  it('is for the user of that address alone', async () => {
    const id = await invited();
    for (const other of [
      await server.createAccount('owner'),
      await server.createAccount('owner', { org: guest.orgId }),
    ]) {
      expect(await mine(other.apiKey)).toEqual([]);
      expect((await accept(id, other.apiKey)).json).toEqual(gone);
      expect((await leave(id, other.apiKey)).json).toEqual(gone);
    }
    expect((await accept('9223372036854775808')).json).toEqual(gone);
    expect(await sees()).toBe(404);
    expect((await accept(id)).status).toBe(200);
  });

  it('stays the user’s under another address', async () => {
    const id = await invited();
    await accept(id);
    const email = `moved.${guest.email}`;
    await server.deps.db.updateTable('users').set({ email }).where('id', '=', guest.userId).execute();
    expect(await sees()).toBe(200);
    expect((await server.client.get(list(`/${id}`), { as: admin.apiKey })).json.response.email).toBe(email);

    const heir = await createUser(server.deps.db, server.deps, guest.orgId, { email: guest.email, role: 'member' });
    expect(await mine(heir.apiKey)).toEqual([]);
    expect((await accept(id, heir.apiKey)).json).toEqual(gone);
  });

  it('is a conflict for who has access anyway', async () => {
    const project = { id: projectId, organisation_id: owner.orgId };
    const colleague = await server.createAccount('member', { org: owner.orgId });
    const own = await addCollaborator(server.deps, project, { email: colleague.email });
    await addCollaborator(server.deps, project, { email: `old.${guest.email}`, user: guest.userId });
    const second = await addCollaborator(server.deps, project, { email: guest.email });
    for (const answer of [await accept(own, colleague.apiKey), await accept(second)])
      expect([answer.status, answer.json]).toEqual([409, { error: { generic: ['conflict'] } }]);
    expect((await leave(second)).status).toBe(200);
    expect(await sees()).toBe(200);
  });

  it('works for a guest who owes money, and for an owner who does, and for no suspended one', async () => {
    const id = await invited();
    await setStanding(server.deps, guest.orgId, { billing: 'overdue' });
    const indebted = await server.createAccount('owner', { billing: 'overdue' });
    const { row } = await createTestProject(server.deps, indebted);
    const theirs = await addCollaborator(server.deps, row, { email: guest.email });
    await setStanding(server.deps, indebted.orgId, { suspended: true });
    expect((await mine()).map(({ id_str }: { id_str: string }) => id_str)).toEqual([id]);
    expect((await accept(theirs)).json).toEqual(gone);
    await setStanding(server.deps, indebted.orgId, { suspended: false });
    for (const one of [id, theirs]) expect((await accept(one)).status).toBe(200);
    expect((await mine()).map(({ id_str }: { id_str: string }) => id_str)).toEqual([theirs, id]);
  });
});

describe('ending', () => {
  it.each(['removed', 'left'])('access, at once: %s', async (how) => {
    const id = await invited();
    await accept(id);
    const end = () => (how === 'removed' ? remove(id) : leave(id));
    const [done, twice] = (await Promise.all([end(), end()])).sort((a, b) => a.status - b.status);
    expect([done?.status, done?.json.response.state]).toEqual([200, 'accepted']);
    expect([twice?.status, twice?.json]).toEqual([404, gone]);
    expect(await sees()).toBe(404);
    expect(await mine()).toEqual([]);
    const by = how === 'removed' ? admin.userId : guest.userId;
    expect((await eventsOf(id)).at(-1)).toMatchObject({ type: 'collaborator.removed', user_id: by });
  });

  it.each(['taken back', 'declined'])('an invitation, which cannot be accepted then: %s', async (how) => {
    const id = await invited();
    expect((await (how === 'declined' ? leave(id) : remove(id))).json.response.state).toBe('waiting');
    expect((await accept(id)).json).toEqual(gone);
    expect((await invite(guest.email)).status).toBe(201);
  });

  it('leaves collaborators of other projects', async () => {
    const id = await invited();
    projectId = (await createTestProject(server.deps, owner)).row.id;
    expect((await remove(id)).json).toEqual(gone);
    expect((await server.client.get(list(`/${id}`), { as: admin.apiKey })).json).toEqual(gone);
    expect((await server.client.get(list(), { as: admin.apiKey })).json).toEqual({ response: [] });
  });

  it('comes with the project and with the user', async () => {
    const id = await invited();
    await accept(id);
    const second = await server.createAccount('owner', { org: guest.orgId });
    await server.client.delete(`/users/${guest.userId}`, { as: second.apiKey });
    expect((await server.client.get(list(), { as: admin.apiKey })).json).toEqual({ response: [] });
    const other = await invited(second.email);
    await server.client.delete(`/projects/${projectId}`, { as: admin.apiKey });
    expect((await accept(other, second.apiKey)).json).toEqual(gone);
  });
});

describe('listing', () => {
  it('shows both sides pages, newest first', async () => {
    const other = await server.createAccount('member');
    const third = await server.createAccount('member');
    for (const { email } of [guest, other, third]) await invite(email);
    const first = await server.client.get(list('?limit=2'), { as: admin.apiKey });
    const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? '';
    const second = await server.client.get(next.slice(server.url.length), { as: admin.apiKey });
    const emails = [first, second].map(({ json }) => json.response.map(({ email }: { email: string }) => email));
    expect(emails).toEqual([[third.email, other.email], [guest.email]]);
    const before = projectId;
    projectId = (await createTestProject(server.deps, owner)).row.id;
    await invited();
    const page = await server.client.get('/collaborations?limit=1', { as: guest.apiKey });
    const rest = /<(.*)>/.exec(String(page.headers['link']))?.[1] ?? '';
    const last = await server.client.get(rest.slice(server.url.length), { as: guest.apiKey });
    const ids = [page, last].map(({ json }) =>
      json.response.map((one: { project_id_str: string }) => one.project_id_str),
    );
    expect(ids).toEqual([[projectId], [before]]);
  });
});
