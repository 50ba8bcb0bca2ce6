import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentMail } from '../testing/mail.ts';
import { createPageClient, type PageClient } from '../testing/pages.ts';
import { signedInMember } from '../testing/people.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { resetPassword } from '../users/change_password.ts';
import { createPasswordLink } from '../users/password_link.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';

const PATH = '/dashboard/settings/password';
const OLD = 'correct horse';
const NEW = 'stopped clock, tall grass';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const member = () => signedInMember(server, OLD);
const change = (browser: PageClient, current: string, password: string, repeat = password) =>
  browser.submit(PATH, { current_password: current, new_password: password, repeat_password: repeat });
const signIn = async (email: string, password: string) =>
  (await createPageClient(server).submit('/dashboard/sign-in', { email, password })).status;
const isIn = async (browser: PageClient) => (await browser.get(PATH)).status === 200;
const events = (userId: string) =>
  server.deps.db
    .selectFrom('events')
    .select(['type', 'data'])
    .where('user_id', '=', userId)
    .where('type', '=', 'user.password_changed')
    .execute();

describe('changing the password', () => {
  it('sets it, ends the other sessions, and says so by mail and in the events', async () => {
    const { browser, email, userId } = await member();
    const other = await signedIn(server, { userId });
    const answer = await change(browser, OLD, NEW);
    expect([answer.status, answer.headers.location]).toEqual([303, `${PATH}?done=password_changed`]);
    expect((await browser.get(answer.headers.location ?? '')).text).toContain('Your password was changed');
    expect([await isIn(browser), await isIn(other)]).toEqual([true, false]);
    expect([await signIn(email, OLD), await signIn(email, NEW)]).toEqual([401, 303]);
    expect(await events(userId)).toEqual([{ type: 'user.password_changed', data: { by: 'user' } }]);
    const mails = (await sentMail(server)).filter(({ to }) => to === email);
    expect(mails.map(({ subject }) => subject)).toEqual(['Your password was changed']);
    expect(JSON.stringify(mails)).not.toContain(NEW);
  });

  it.each([
    ['the wrong current one', 'wrong', NEW, NEW, 'This is not your password.'],
    ['no current one', '', NEW, NEW, 'Please fill this in.'],
    ['a short one', OLD, 'short', 'short', 'Choose a password of 12 to 200 characters'],
    ['none', OLD, '', '', 'Please fill this in.'],
    ['two', OLD, NEW, `${NEW}.`, 'This is not the same as above.'],
  ])('with %s changes nothing', async (_what, current, password, repeat, sentence) => {
    const { browser, email, userId } = await member();
    const other = await signedIn(server, { userId });
    const answer = await change(browser, current, password, repeat);
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(sentence);
    expect(answer.html).not.toMatch(/type="password"[^>]* value=|value=[^>]* type="password"/);
    expect(answer.html).not.toContain(NEW);
    expect(await isIn(other)).toBe(true);
    expect(await events(userId)).toEqual([]);
    expect((await sentMail(server)).filter(({ to }) => to === email)).toEqual([]);
  });

  it('slows down who guesses the current one, and sign-in goes on', async () => {
    const { browser, email } = await member();
    for (let i = 0; i < 5; i += 1) expect((await change(browser, 'wrong', NEW)).status).toBe(422);
    const slowed = await change(browser, OLD, NEW);
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    expect(await signIn(email, OLD)).toBe(303);
  });

  it('twice at once, is done once', async () => {
    const { browser, userId } = await member();
    const { html } = await browser.get(PATH);
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const send = (password: string) =>
      browser.submit(PATH, { csrf, current_password: OLD, new_password: password, repeat_password: password });
    const { db } = server.deps;
    // Both have proved the old password before either is done.
    const { sent } = await db.transaction().execute(async (tx) => {
      await tx.selectFrom('users').select('id').where('id', '=', userId).forUpdate().execute();
      const sent = [send(NEW), send(`${NEW} too`)];
      await untilSomebodyWaits(db, 2);
      return { sent };
    });
    const answers = await Promise.all(sent);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409]);
    expect(await events(userId)).toHaveLength(1);
  });

  it('ends links that were mailed before', async () => {
    const { browser, email } = await member();
    const { url } = await createPasswordLink(server.deps.db, server.deps, email);
    await change(browser, OLD, NEW);
    const reset = resetPassword(server.deps, new URL(url).searchParams.get('token') ?? '', NEW);
    await expect(reset).rejects.toMatchObject({ code: 'used_up' });
  });

  it('needs a session and a form of ours', async () => {
    const { browser } = await member();
    const stranger = await createPageClient(server).get(PATH);
    expect([stranger.status, stranger.headers.location]).toEqual([
      303,
      `/dashboard/sign-in?return_to=${encodeURIComponent(PATH)}`,
    ]);
    const fields = { current_password: OLD, new_password: NEW, repeat_password: NEW };
    expect((await browser.submit(PATH, { ...fields, csrf: 'forged' })).status).toBe(403);
    const headers = { origin: 'https://evil.example' };
    expect((await browser.submit(PATH, fields, { headers })).status).toBe(403);
  });
});
