import { afterAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import { createPageClient } from '../testing/pages.ts';
import { openAsOwner } from '../testing/people.ts';
import { signedIn } from '../testing/signed_in.ts';

const { server, owner, browser } = await openAsOwner();
afterAll(() => server.stop());

const USERS = '/dashboard/users';
const PASSWORD = 'three words together';
const send = (email: string, role = 'member', by = browser) =>
  by.submit('/dashboard/invitations', { email, role }, { from: USERS });
const linksTo = async (address: string) =>
  (await sentMail(server)).filter(({ to }) => to === address).map((mail) => linkIn(mail));
const invited = async (email: string, role = 'member') => {
  await send(email, role);
  return (await linksTo(email)).at(-1) ?? '';
};
const idOf = async (email: string) => {
  const query = server.deps.db.selectFrom('mailed_links').select('id').where('email', '=', email);
  return (await query.where('used_at', 'is', null).executeTakeFirstOrThrow()).id;
};
const accept = (link: string, fields: Record<string, string> = {}, visitor = createPageClient(server)) => {
  const token = link.split('=')[1] ?? '';
  return visitor.submit(
    '/dashboard/invitations/accept',
    { token, name: 'Ana', new_password: PASSWORD, repeat_password: PASSWORD, ...fields },
    { from: visitor === browser ? USERS : '/dashboard/sign-in' },
  );
};
const userOf = (email: string) =>
  server.deps.db.selectFrom('users').selectAll().where('email', '=', email).executeTakeFirst();

describe('inviting', () => {
  it('mails a link and lists the invitation', async () => {
    const { status, headers } = await send('New@example.com', 'admin');
    expect([status, headers.location]).toEqual([303, `${USERS}?done=invitation_sent`]);
    expect(await linksTo('new@example.com')).toHaveLength(1);
    expect((await browser.get(USERS)).text).toMatch(/new@example\.com Admin .*Send again .*Withdraw/);
  });

  it('shows what is wrong at its field, with what was typed', async () => {
    const wrong = await send('nobody');
    expect([wrong.status, wrong.text.includes('This does not have the right form.')]).toEqual([422, true]);
    expect(wrong.html).toContain('value="nobody"');
    const taken = await send(owner.email);
    expect([taken.status, taken.text.includes('This address belongs to another account.')]).toEqual([422, true]);
    expect((await send('', '')).text).toContain('Please fill this in.');
    expect((await send('king@example.com', 'king')).status).toBe(422);
    expect(await linksTo('king@example.com')).toEqual([]);
  });

  it('again replaces the link; withdrawn, it leads nowhere', async () => {
    const first = await invited('again@example.com');
    const path = `/dashboard/invitations/${await idOf('again@example.com')}`;
    expect((await browser.submit(`${path}/resend`, {}, { from: USERS })).headers.location).toContain('invitation_sent');
    const [, second = ''] = await linksTo('again@example.com');
    const visitor = createPageClient(server);
    expect([(await visitor.get(first)).status, (await visitor.get(second)).status]).toEqual([410, 200]);
    const current = `/dashboard/invitations/${await idOf('again@example.com')}`;
    const withdrawn = await browser.submit(`${current}/withdraw`, {}, { from: USERS });
    expect(withdrawn.headers.location).toContain('invitation_withdrawn');
    expect((await visitor.get(second)).text).toContain('This invitation is over');
    expect((await browser.submit(`${current}/resend`, {}, { from: USERS })).status).toBe(404);
  });

  it('is for organisations that pay', async () => {
    const account = await server.createAccount('owner');
    const own = await signedIn(server, account);
    await setStanding(server.deps, account.orgId, { billing: 'overdue' });
    expect((await send('unpaid@example.com', 'member', own)).status).toBe(402);
    expect(await linksTo('unpaid@example.com')).toEqual([]);
  });

  it('touches no other organisation’s', async () => {
    await invited('theirs@example.com');
    const id = await idOf('theirs@example.com');
    const other = await signedIn(server, await server.createAccount('owner'));
    for (const act of ['resend', 'withdraw'])
      expect((await other.submit(`/dashboard/invitations/${id}/${act}`, {}, { from: USERS })).status).toBe(404);
    expect(await idOf('theirs@example.com')).toBe(id);
  });
});

describe('accepting', () => {
  it('tells who invites into what, and uses nothing up by looking', async () => {
    const link = await invited('look@example.com', 'admin');
    const visitor = createPageClient(server);
    for (let time = 0; time < 3; time += 1) {
      const { status, text } = await visitor.get(link);
      expect(status).toBe(200);
      expect(text).toContain(`Join ${owner.orgId}`);
      expect(text).toContain(`${owner.email} invites you as Admin`);
      expect(text).toContain('You will sign in as look@example.com');
    }
    expect(await userOf('look@example.com')).toBeUndefined();
  });

  it('makes the user, who can sign in with the password', async () => {
    const link = await invited('join@example.com', 'admin');
    const visitor = createPageClient(server);
    const { status, headers } = await accept(link, { name: '  Ana Ortiz ' }, visitor);
    expect([status, headers.location]).toEqual([303, '/dashboard/sign-in?done=invitation_accepted']);
    const user = await userOf('join@example.com');
    expect(user).toMatchObject({ organisation_id: owner.orgId, role: 'admin', name: 'Ana Ortiz', api_key_hash: null });
    expect((await visitor.get(String(headers.location))).text).toContain('Your account is ready');
    const entered = await visitor.submit('/dashboard/sign-in', { email: 'join@example.com', password: PASSWORD });
    expect([entered.status, entered.headers.location]).toEqual([303, '/dashboard']);
    const events = await server.deps.db
      .selectFrom('events')
      .select('type')
      .where('user_id', '=', user?.id ?? '')
      .execute();
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['invitation.accepted', 'user.created', 'session.created']),
    );
    expect((await browser.get(USERS)).text).toContain('Ana Ortiz join@example.com Admin');
  });

  it('works once, also when it is sent several times at once', async () => {
    const link = await invited('race@example.com');
    const answers = await Promise.all([accept(link), accept(link), accept(link)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410]);
    expect((await accept(link)).text).toContain('This invitation is over');
  });

  it('shows what is wrong at its field, and uses nothing up', async () => {
    const link = await invited('fields@example.com');
    const blank = await accept(link, { name: ' ', new_password: '' });
    expect([blank.status, blank.text.match(/Please fill this in\./g)?.length]).toEqual([422, 2]);
    const weak = await accept(link, { name: 'A\u0007', new_password: 'password1234' });
    expect(weak.text).toContain('At most 100 characters');
    expect(weak.text).toContain('that is hard to guess');
    expect(weak.html).not.toContain('password1234');
    expect((await accept(link, { repeat_password: 'another' })).text).toContain('This is not the same as above.');
    expect((await accept(link)).status).toBe(303);
  });

  it('says what became of a link that leads nowhere', async () => {
    const link = await invited('dead@example.com');
    const expires_at = new Date(Date.now() - 1);
    await server.deps.db
      .updateTable('mailed_links')
      .set({ expires_at })
      .where('email', '=', 'dead@example.com')
      .execute();
    const visitor = createPageClient(server);
    const expired = await visitor.get(link);
    expect([expired.status, expired.text.includes('has expired')]).toEqual([410, true]);
    expect((await accept(link)).status).toBe(410);
    for (const token of ['', 'x', 'A'.repeat(43)])
      expect((await visitor.get(`/dashboard/invitations/accept?token=${token}`)).status).toBe(404);
    expect((await accept('=nonsense')).status).toBe(404);
    expect((await visitor.get('/dashboard/invitations/accept')).status).toBe(404);
  });

  it('of two organisations’ invitations, the first that is accepted wins', async () => {
    const first = await invited('courted@example.com');
    const rival = await server.createAccount('owner');
    await send('courted@example.com', 'owner', await signedIn(server, rival));
    const [, second = ''] = await linksTo('courted@example.com');
    expect((await accept(second)).status).toBe(303);
    expect((await userOf('courted@example.com'))?.organisation_id).toBe(rival.orgId);
    const late = await accept(first);
    expect([late.status, late.text.includes('There is an account already')]).toEqual([410, true]);
    expect(late.text).not.toContain(rival.orgId);
  });

  it('makes no account while the browser is signed in to another', async () => {
    const link = await invited('elsewhere@example.com');
    expect((await browser.get(link)).text).toContain(`You are signed in as ${owner.email}`);
    expect((await accept(link, {}, browser)).text).toContain('sign out, then open the link again');
    expect(await userOf('elsewhere@example.com')).toBeUndefined();
  });

  it('does nothing without the form’s token', async () => {
    const link = await invited('forged@example.com');
    expect((await accept(link, { csrf: 'x' })).status).toBe(403);
    expect(await userOf('forged@example.com')).toBeUndefined();
  });
});
