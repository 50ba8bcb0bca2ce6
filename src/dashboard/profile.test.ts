import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkIn, sentMail } from '../testing/mail.ts';
import { createPageClient, type PageClient } from '../testing/pages.ts';
import { signedInMember } from '../testing/people.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { createPasswordLink } from '../users/password_link.ts';

const PATH = '/dashboard/settings/profile';
const EMAIL = '/dashboard/settings/email';
const PASSWORD = 'correct horse';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const member = () => signedInMember(server, PASSWORD);
const ask = (browser: PageClient, email: string, password = PASSWORD) =>
  browser.submit(`${PATH}/email`, { email, current_password: password }, { from: PATH });
const mailsTo = async (email: string) => (await sentMail(server)).filter(({ to }) => to === email);
async function linkTo(email: string): Promise<string> {
  const mail = (await mailsTo(email)).at(-1);
  if (!mail) throw new Error('no mail came');
  return linkIn(mail);
}
const confirm = (browser: PageClient, link: string) =>
  browser.submit(EMAIL, { token: link.split('=')[1] ?? '' }, { from: link });
const emailOf = async (userId: string) =>
  (await server.deps.db.selectFrom('users').select('email').where('id', '=', userId).executeTakeFirstOrThrow()).email;

describe('the profile', () => {
  it('shows who the user is', async () => {
    const { browser, email, orgId } = await member();
    const { status, text } = await browser.get(PATH);
    expect(status).toBe(200);
    for (const shown of [email, orgId, 'Member']) expect(text).toContain(shown);
    expect(text).toMatch(/User since \d+ \w+ 20\d\d/);
  });

  it('takes another name, shown as it was typed', async () => {
    const { browser, userId } = await member();
    const answer = await browser.submit(PATH, { name: '  Tom <b>"Sawyer" & Co.  ' });
    expect([answer.status, answer.headers.location]).toEqual([303, `${PATH}?done=profile_saved`]);
    const page = await browser.get(PATH);
    expect(page.text).toContain('Tom <b>"Sawyer" & Co.');
    expect(page.html).not.toContain('<b>');
    const events = server.deps.db.selectFrom('events').select(['type', 'data']).where('user_id', '=', userId);
    expect(await events.where('type', '=', 'user.renamed').execute()).toHaveLength(1);
    await browser.submit(PATH, { name: ' ' });
    expect((await browser.get(PATH)).text).toContain('none yet');
  });

  it.each(['x'.repeat(101), 'two\nlines', 'a\u0007b'])('refuses the name %j', async (name) => {
    const { browser } = await member();
    expect((await browser.submit(PATH, { name })).status).toBe(422);
    expect((await browser.get(PATH)).text).toContain('none yet');
  });
});

describe('another e-mail address', () => {
  it('is the user’s once its mailbox has proved it; the old one is told', async () => {
    const { browser, email, userId } = await member();
    const wanted = `new.${email}`;
    const asked = await ask(browser, ` ${wanted.toUpperCase()} `);
    expect([asked.status, asked.headers.location]).toEqual([303, `${PATH}?done=email_asked`]);
    expect(await emailOf(userId)).toBe(email);
    const link = await linkTo(wanted);
    const page = await browser.get(link);
    expect(page.text).toContain(`From ${email} to ${wanted}`);
    expect(await emailOf(userId)).toBe(email);
    const done = await confirm(browser, link);
    expect([done.status, done.headers.location]).toEqual([303, `${PATH}?done=email_changed`]);
    expect(await emailOf(userId)).toBe(wanted);
    expect((await mailsTo(email)).map(({ subject }) => subject)).toEqual(['Your e-mail address was changed']);
    expect((await browser.get(link)).status).toBe(410);
    const events = server.deps.db.selectFrom('events').select(['type', 'data']).where('user_id', '=', userId);
    expect(await events.where('type', '=', 'user.email_changed').execute()).toMatchObject([
      { data: { from: email, to: wanted } },
    ]);
    for (let i = 0; i < 10; i += 1) await server.deps.throttles.signInAccount.take(wanted);
    browser.cookies.delete('continuity_session');
    const entered = await browser.submit('/dashboard/sign-in', { email: wanted, password: PASSWORD });
    expect(entered.status).toBe(303);
  });

  it('needs the password', async () => {
    const { browser, email } = await member();
    const answer = await ask(browser, `new.${email}`, 'wrong');
    expect([answer.status, answer.text.includes('This is not your password.')]).toEqual([422, true]);
    expect(answer.html).toContain(`value="new.${email}"`);
    expect(await mailsTo(`new.${email}`)).toEqual([]);
  });

  it.each([
    ['', 'Please fill this in.'],
    ['tom', 'does not have the right form'],
  ])('cannot be %j', async (email, sentence) => {
    const answer = await ask((await member()).browser, email);
    expect([answer.status, answer.text.includes(sentence)]).toEqual([422, true]);
  });

  it('cannot be the same, or somebody else’s: neither when asked nor when confirmed', async () => {
    const [one, other] = [await member(), await member()];
    expect((await ask(one.browser, one.email)).text).toContain('This is your address already.');
    const taken = await ask(one.browser, other.email);
    expect([taken.status, taken.text.includes('belongs to another account')]).toEqual([422, true]);
    const wanted = `later.${one.email}`;
    await ask(one.browser, wanted);
    await server.deps.db.updateTable('users').set({ email: wanted }).where('id', '=', other.userId).execute();
    const refused = await confirm(one.browser, await linkTo(wanted));
    expect([refused.status, refused.text.includes('belongs to another account')]).toEqual([403, true]);
    expect(await emailOf(one.userId)).toBe(one.email);
  });

  it('is for nobody else to confirm', async () => {
    const [one, other] = [await member(), await member()];
    await ask(one.browser, `new.${one.email}`);
    const link = await linkTo(`new.${one.email}`);
    const stranger = await createPageClient(server).get(link);
    expect([stranger.status, stranger.headers.location]).toEqual([
      303,
      `/dashboard/sign-in?return_to=${encodeURIComponent(link)}`,
    ]);
    expect((await other.browser.get(link)).status).toBe(404);
    const token = link.split('=')[1] ?? '';
    expect((await other.browser.submit(EMAIL, { token }, { from: PATH })).status).toBe(404);
    expect((await confirm(one.browser, link)).status).toBe(303);
  });

  it('ends what is still in the old mailbox', async () => {
    const { browser, email } = await member();
    const { url } = await createPasswordLink(server.deps.db, server.deps, email);
    await ask(browser, `new.${email}`);
    await confirm(browser, await linkTo(`new.${email}`));
    expect((await browser.get(new URL(url).pathname + new URL(url).search)).status).toBe(410);
  });

  it('is not asked for without end', async () => {
    const { browser, email } = await member();
    for (let i = 0; i < 5; i += 1) expect((await ask(browser, `new${i}.${email}`)).status).toBe(303);
    expect((await ask(browser, `new5.${email}`)).status).toBe(429);
  });
});
