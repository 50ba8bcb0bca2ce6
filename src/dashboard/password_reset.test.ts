import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkIn, sentMail } from '../testing/mail.ts';
import { createPageClient } from '../testing/pages.ts';
import { givePassword } from '../testing/passwords.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

const PATH = '/dashboard/password-reset';
const OLD = 'correct horse';
const NEW = 'stopped clock, tall grass';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ config: { TRUST_PROXY: '1' } });
});
afterAll(() => server.stop());

const ask = (email: string, address = '192.0.2.1') =>
  createPageClient(server).submit(PATH, { email }, { headers: { 'x-forwarded-for': address } });
const mailsTo = async (email: string) => (await sentMail(server)).filter(({ to }) => to === email);
/** Asks as the user, and reads their mail. */
async function linkFor(email: string): Promise<string> {
  expect((await ask(email)).status).toBe(303);
  const mail = (await mailsTo(email)).at(-1);
  if (!mail) throw new Error('no mail came');
  return linkIn(mail);
}
const choose = (link: string, password = NEW, repeat = password, browser = createPageClient(server)) => {
  const [path = '', token = ''] = link.split('?token=');
  return browser.submit(path, { token, new_password: password, repeat_password: repeat }, { from: link });
};
const signIn = async (email: string, password: string, browser = createPageClient(server)) =>
  (await browser.submit('/dashboard/sign-in', { email, password }, { headers: { 'x-forwarded-for': '192.0.2.99' } }))
    .status;

describe('asking for a new password', () => {
  it('answers alike whether there is such an account or not, and mails only where there is', async () => {
    const { email } = await server.createAccount('member');
    const [known, unknown] = [await ask(` ${email.toUpperCase()}`), await ask('nobody@example.com')];
    expect(known.status).toBe(303);
    const { status, headers, html } = known;
    expect({ status: unknown.status, html: unknown.html }).toEqual({ status, html });
    expect(unknown.headers.location).toBe(headers.location);
    expect((await createPageClient(server).get(headers.location ?? '')).text).toContain('If there is an account');
    expect(await mailsTo(email)).toHaveLength(1);
    expect(await mailsTo('nobody@example.com')).toEqual([]);
  });

  it('does the same work in the request for both', async () => {
    const { email } = await server.createAccount('member');
    const jobs = async () => {
      const { rows } = await sql<{ payload: { sealed: string }; task: string }>`
        select j.payload, t.identifier as task from graphile_worker._private_jobs j
        join graphile_worker._private_tasks t on t.id = j.task_id`.execute(server.deps.db);
      return rows;
    };
    await sentMail(server);
    await ask(email);
    await ask('nobody2@example.com');
    const queued = await jobs();
    expect(queued.map(({ task }) => task)).toEqual(['password_reset', 'password_reset']);
    expect(JSON.stringify(queued)).not.toMatch(/example/);
    await sentMail(server);
  });

  it.each([
    ['', 'Please fill this in.'],
    ['tom', 'does not have the right form'],
    ['tom@example.com\u0001', 'does not have the right form'],
  ])('refuses what is no address: %j', async (email, sentence) => {
    const answer = await ask(email);
    expect([answer.status, answer.text.includes(sentence)]).toEqual([422, true]);
  });

  it('is slowed per account and per address', async () => {
    for (const email of [(await server.createAccount('member')).email, 'nobody3@example.com']) {
      for (let i = 0; i < 5; i += 1) expect((await ask(email)).status).toBe(303);
      const slowed = await ask(email);
      expect([slowed.status, Number(slowed.headers['retry-after']) > 0]).toEqual([429, true]);
    }
    for (let i = 0; i < 30; i += 1) await server.deps.throttles.resetAddress.take('192.0.2.77');
    expect((await ask('nobody4@example.com', '192.0.2.77')).status).toBe(429);
    await sentMail(server);
  });
});

describe('the link in the mail', () => {
  it('sets the password, ends every session, and leads to sign-in', async () => {
    const user = await server.createAccount('member');
    const { email, userId } = user;
    await givePassword(server.deps, userId, OLD);
    const before = await signedIn(server, user);
    const link = await linkFor(email);
    const browser = createPageClient(server);
    const answer = await choose(link, NEW, NEW, browser);
    expect([answer.status, answer.headers.location]).toEqual([303, '/dashboard/sign-in?done=password_set']);
    expect((await browser.get(answer.headers.location ?? '')).text).toContain('Your new password is set');
    expect((await browser.get('/dashboard')).status).toBe(303);
    expect((await before.get('/dashboard')).status).toBe(303);
    expect([await signIn(email, OLD), await signIn(email, NEW)]).toEqual([401, 303]);
    expect((await mailsTo(email)).at(-1)?.subject).toBe('Your password was changed');
    const events = server.deps.db.selectFrom('events').select(['type', 'data']).where('user_id', '=', userId);
    expect(await events.where('type', '=', 'user.password_changed').execute()).toMatchObject([
      { data: { by: 'mailed_link' } },
    ]);
  });

  it('lets the owner in while others guess', async () => {
    const { email } = await server.createAccount('member');
    const browser = createPageClient(server);
    await choose(await linkFor(email), NEW, NEW, browser);
    for (let i = 0; i < 10; i += 1) await server.deps.throttles.signInAccount.take(email);
    expect([await signIn(email, NEW), await signIn(email, NEW, browser)]).toEqual([429, 303]);
  });

  it('opened by a scanner is still good, and works once', async () => {
    const link = await linkFor((await server.createAccount('member')).email);
    for (const method of ['first', 'second']) {
      const page = await createPageClient(server).get(link);
      expect([method, page.status, page.headers['referrer-policy']]).toEqual([method, 200, 'same-origin']);
    }
    expect((await choose(link)).status).toBe(303);
    const again = await createPageClient(server).get(link);
    expect([again.status, again.text.includes('This link does not work')]).toEqual([410, true]);
  });

  it('sent twice at once, sets one password', async () => {
    const link = await linkFor((await server.createAccount('member')).email);
    const [, token = ''] = link.split('=');
    const browser = createPageClient(server);
    const csrf = /name="csrf" value="([^"]+)"/.exec((await browser.get(link)).html)?.[1] ?? '';
    const fields = { csrf, token, new_password: NEW, repeat_password: NEW };
    const answers = await Promise.all([1, 2].map(() => browser.submit(`${PATH}/new`, fields)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 410]);
  });

  it('is not used up by a password that is refused', async () => {
    const { email } = await server.createAccount('member');
    const link = await linkFor(email);
    for (const [password, repeat, sentence] of [
      ['short', 'short', '12 to 200 characters'],
      [email, email, 'hard to guess'],
      [NEW, 'other', 'not the same'],
    ] as const) {
      const answer = await choose(link, password, repeat);
      expect([answer.status, answer.text.includes(sentence)]).toEqual([422, true]);
    }
    expect((await choose(link)).status).toBe(303);
  });

  it('says why it does not work', async () => {
    const { email } = await server.createAccount('member');
    const first = await linkFor(email);
    const second = await linkFor(email);
    const get = async (link: string) => (await createPageClient(server).get(link)).status;
    expect([
      await get(first),
      await get(second),
      await get(`${PATH}/new?token=wrong`),
      await get(`${PATH}/new`),
    ]).toEqual([410, 200, 404, 404]);
    await server.deps.db
      .updateTable('mailed_links')
      .set({ expires_at: new Date() })
      .where('email', '=', email)
      .execute();
    const expired = await createPageClient(server).get(second);
    expect([expired.status, expired.text.includes('expired')]).toEqual([410, true]);
  });

  it('is dead when the account has another address by now', async () => {
    const { email, userId } = await server.createAccount('member');
    const link = await linkFor(email);
    await server.deps.db
      .updateTable('users')
      .set({ email: `new.${email}` })
      .where('id', '=', userId)
      .execute();
    expect((await choose(link)).status).toBe(410);
  });
});
