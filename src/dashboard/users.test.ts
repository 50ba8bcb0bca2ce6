import { afterAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { openAsOwner } from '../testing/people.ts';
import { signedIn } from '../testing/signed_in.ts';

const { server, owner, browser } = await openAsOwner();
afterAll(() => server.stop());

const USERS = '/dashboard/users';
const join = (role: 'owner' | 'admin' | 'member', org = owner) => server.createAccount(role, { org: org.orgId });
const roleOf = async ({ userId }: NewAccount) =>
  (await server.deps.db.selectFrom('users').select('role').where('id', '=', userId).executeTakeFirst())?.role;

describe('the users page', () => {
  it('lists who is in the organisation, and nobody else', async () => {
    const member = await join('member');
    const stranger = await server.createAccount('member');
    const { status, text } = await browser.get(USERS);
    expect(status).toBe(200);
    expect(text).toContain(`${owner.email} You Owner`);
    expect(text).toContain(`${member.email} Member`);
    expect(text).not.toContain(stranger.email);
  });

  it('shows names as text', async () => {
    const member = await join('member');
    const name = '<img src=x> & Co';
    await server.deps.db.updateTable('users').set({ name }).where('id', '=', member.userId).execute();
    const { html, text } = await browser.get(USERS);
    expect(html).not.toContain('<img');
    expect(text).toContain(name);
  });

  it('goes on to older users', async () => {
    const account = await server.createAccount('owner');
    const own = await signedIn(server, account);
    const rows = Array.from({ length: 101 }, (_, i) => ({
      id: server.deps.ids.next(),
      organisation_id: account.orgId,
      email: `crowd${i}@${account.orgId}.example`,
      role: 'member',
    }));
    await server.deps.db.insertInto('users').values(rows).execute();
    const first = await own.get(USERS);
    const older = /href="(\/dashboard\/users\?before=\d+)"/.exec(first.html)?.[1] ?? '';
    const second = await own.get(older);
    expect([first.text.includes('crowd0@'), first.text.includes('crowd100@')]).toEqual([false, true]);
    expect([second.text.includes('crowd0@'), second.text.includes(account.email)]).toEqual([true, true]);
    expect(second.html).not.toContain('?before=');
  });

  it.each(['admin', 'member'] as const)('is not for a user who is %s', async (role) => {
    const account = await join(role);
    const theirs = await signedIn(server, account);
    const target = `${USERS}/${owner.userId}`;
    for (const path of [USERS, target, `${target}/remove`]) expect((await theirs.get(path)).status).toBe(403);
    const from = { from: '/dashboard/settings/sessions' };
    for (const path of [target, `${target}/remove`, '/dashboard/invitations'])
      expect((await theirs.submit(path, { role: 'member' }, from)).status).toBe(403);
    expect(await roleOf(owner)).toBe('owner');
  });
});

describe('a user’s page', () => {
  it('changes the role', async () => {
    const member = await join('member');
    const { status, headers } = await browser.submit(`${USERS}/${member.userId}`, { role: 'admin' });
    expect([status, headers.location]).toEqual([303, `${USERS}?done=role_changed`]);
    expect(await roleOf(member)).toBe('admin');
    expect((await browser.get(String(headers.location))).text).toContain('The role is changed');
  });

  it('keeps the last owner, and says why', async () => {
    const alone = await server.createAccount('owner');
    const own = await signedIn(server, alone);
    const path = `${USERS}/${alone.userId}`;
    for (const answer of [await own.submit(path, { role: 'member' }), await own.submit(`${path}/remove`)]) {
      expect(answer.status).toBe(409);
      expect(answer.text).toContain('this is the last one');
    }
    expect(await roleOf(alone)).toBe('owner');
  });

  it('leads who steps down to the overview', async () => {
    const second = await join('owner');
    const own = await signedIn(server, second);
    const { headers } = await own.submit(`${USERS}/${second.userId}`, { role: 'member' });
    expect(headers.location).toBe('/dashboard?done=role_changed');
    expect((await own.get(USERS)).status).toBe(403);
  });

  it('asks for one of the roles', async () => {
    const member = await join('member');
    for (const fields of [{}, { role: 'king' }]) {
      const { status, text } = await browser.submit(`${USERS}/${member.userId}`, fields);
      expect([status, text.includes('Please choose a role.')]).toEqual([422, true]);
    }
  });

  it('removes the user after a question', async () => {
    const member = await join('member');
    const theirs = await signedIn(server, member);
    const path = `${USERS}/${member.userId}/remove`;
    expect((await browser.get(path)).text).toContain(`Remove the user? ${member.email}`);
    expect(await roleOf(member)).toBe('member');
    const { status, headers } = await browser.submit(path);
    expect([status, headers.location]).toEqual([303, `${USERS}?done=user_removed`]);
    expect((await theirs.get('/dashboard')).headers.location).toContain('/dashboard/sign-in');
    expect((await browser.get(path)).status).toBe(404);
  });

  it('removes oneself and leads to sign-in', async () => {
    const second = await join('owner');
    const own = await signedIn(server, second);
    const { headers } = await own.submit(`${USERS}/${second.userId}/remove`);
    expect(headers.location).toBe('/dashboard/sign-in?done=removed_self');
    expect((await own.get(String(headers.location))).text).toContain('no longer a user');
  });

  it('is nobody else’s', async () => {
    const stranger = await server.createAccount('member');
    const from = { from: USERS };
    for (const id of [stranger.userId, '1', 'x', '9223372036854775808']) {
      expect((await browser.get(`${USERS}/${id}`)).status).toBe(404);
      expect((await browser.get(`${USERS}/${id}/remove`)).status).toBe(404);
      expect((await browser.submit(`${USERS}/${id}`, { role: 'admin' }, from)).status).toBe(404);
      expect((await browser.submit(`${USERS}/${id}/remove`, {}, from)).status).toBe(404);
    }
    expect(await roleOf(stranger)).toBe('member');
  });

  it('does nothing without the form’s token', async () => {
    const member = await join('member');
    for (const path of [`${USERS}/${member.userId}`, `${USERS}/${member.userId}/remove`])
      expect((await browser.submit(path, { role: 'admin', csrf: 'x' })).status).toBe(403);
    expect(await roleOf(member)).toBe('member');
  });
});
