import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createPageClient, type PageClient } from '../testing/pages.ts';
import { givePassword } from '../testing/passwords.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

const PATH = '/dashboard/sign-in';
const PASSWORD = 'correct horse battery';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function accountWithPassword(): Promise<NewAccount> {
  const account = await server.createAccount('member');
  await givePassword(server.deps, account.userId, PASSWORD);
  return account;
}

const enter = (browser: PageClient, { email }: NewAccount, more: Record<string, string> = {}) =>
  browser.submit(PATH, { email, password: PASSWORD, ...more });

describe('sign-in', () => {
  it('gives the browser a session and leads to the overview', async () => {
    const account = await accountWithPassword();
    const browser = createPageClient(server);
    const { status, headers } = await enter(browser, account, { email: ` ${account.email.toUpperCase()} ` });
    expect([status, headers.location]).toEqual([303, '/dashboard']);
    expect((await browser.get('/dashboard')).text).toContain(account.email);
    const session = headers['set-cookie']?.find((line) => line.startsWith('continuity_session='));
    expect(session).toMatch(/^continuity_session=[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; httponly$/);
  });

  it.each([
    ['/dashboard/settings/sessions?a=b', '/dashboard/settings/sessions?a=b'],
    ['//evil.example/dashboard', '/dashboard'],
    ['https://evil.example/', '/dashboard'],
  ])('with return_to=%s leads to %s', async (sent, location) => {
    const browser = createPageClient(server);
    const from = `${PATH}?return_to=${encodeURIComponent(sent)}`;
    const hidden = /name="return_to" value="([^"]*)"/.exec((await browser.get(from)).html)?.[1];
    expect(hidden).toBe(location);
    const account = await accountWithPassword();
    expect((await enter(browser, account, { return_to: sent })).headers.location).toBe(location);
    // Signed in already.
    expect((await browser.get(from)).headers.location).toBe(location);
  });

  it('leads to an application’s consent by a page of its own, which no form-action binds', async () => {
    const target = '/oauth2/authorize?client_id=1&scope=user';
    const page = await enter(createPageClient(server), await accountWithPassword(), { return_to: target });
    expect([page.status, page.headers.refresh]).toEqual([200, `0; url=${target}`]);
    expect(page.html).toContain('<a href="/oauth2/authorize?client_id=1&amp;scope=user">');
  });

  it('ends the session that the browser had, whoever planted it', async () => {
    const [account, other] = [await accountWithPassword(), await server.createAccount('member')];
    const browser = await signedIn(server, other);
    const planted = browser.cookies.get('continuity_session') ?? '';
    await browser.submit(PATH, { email: account.email, password: PASSWORD }, { from: '/dashboard' });
    expect(browser.cookies.get('continuity_session')).not.toBe(planted);
    const attacker = createPageClient(server);
    attacker.cookies.set('continuity_session', planted);
    expect((await attacker.get('/dashboard')).status).toBe(303);
  });

  it('takes over no cookie that was planted before', async () => {
    const browser = createPageClient(server);
    browser.cookies.set('continuity_session', 'A'.repeat(43));
    await enter(browser, await accountWithPassword());
    expect(browser.cookies.get('continuity_session')).not.toBe('A'.repeat(43));
  });

  it('lets a suspended account see that it is', async () => {
    const account = await accountWithPassword();
    await setStanding(server.deps, account.orgId, { suspended: true });
    const browser = createPageClient(server);
    expect((await enter(browser, account)).status).toBe(303);
    expect((await browser.get('/dashboard')).text).toContain('This account is suspended');
  });
});

describe('a wrong sign-in', () => {
  it('says the same of a wrong password and of a wrong address, and keeps what was typed', async () => {
    const account = await accountWithPassword();
    const pages = [
      await enter(createPageClient(server), account, { password: 'wrong' }),
      await enter(createPageClient(server), account, { email: '"nobody"@a.example' }),
    ];
    expect(pages.map(({ status }) => status)).toEqual([401, 401]);
    for (const { text, html, headers } of pages) {
      expect(text).toContain('Wrong e-mail address or password.');
      expect(html).not.toContain('value="wrong"');
      expect(headers['www-authenticate']).toBe('Cookie realm="Continuity"');
    }
    expect(pages[0]?.html).toContain(`value="${account.email}"`);
    expect(pages[1]?.html).toContain('value="&quot;nobody&quot;@a.example"');
  });

  it.each([
    ['address', { email: ' ' }, 'email'],
    ['password', { password: '' }, 'password'],
  ])('asks for the %s that is missing', async (_what, fields, name) => {
    const account = await server.createAccount('member');
    const page = await enter(createPageClient(server), account, fields);
    expect(page.status).toBe(422);
    expect(page.html.match(/id="(\w+)-error"/)?.[1]).toBe(name);
  });

  /** As if somebody had guessed from all over the world. */
  async function useUp({ email }: NewAccount): Promise<void> {
    const { signInAccount } = server.deps.throttles;
    let left = true;
    while (left) {
      left = await signInAccount.take(email).then(
        () => true,
        () => false,
      );
    }
  }

  it('is slowed down, and says for how long', async () => {
    const account = await accountWithPassword();
    await useUp(account);
    const page = await enter(createPageClient(server), account);
    expect(page.status).toBe(429);
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(60);
    expect(page.text).toMatch(/Too many attempts\. Try again in \d+ minutes\./);
    expect(page.html).toContain(`value="${account.email}"`);
  });

  it('elsewhere does not slow down a browser that has signed in before', async () => {
    const account = await accountWithPassword();
    const own = createPageClient(server);
    await enter(own, account);
    await own.submit('/dashboard/sign-out', {}, { from: '/dashboard' });
    await useUp(account);
    expect((await enter(createPageClient(server), account)).status).toBe(429);
    expect((await enter(own, account)).status).toBe(303);
  });
});

describe('sign-out', () => {
  it('ends the session here and on the server', async () => {
    const browser = await signedIn(server, await server.createAccount('member'));
    const kept = browser.cookies.get('continuity_session') ?? '';
    const { status, headers } = await browser.submit('/dashboard/sign-out', {}, { from: '/dashboard' });
    expect([status, headers.location]).toEqual([303, `${PATH}?done=signed_out`]);
    expect(browser.cookies.has('continuity_session')).toBe(false);
    expect((await browser.get(headers.location ?? '')).text).toContain('You are signed out.');
    browser.cookies.set('continuity_session', kept);
    expect((await browser.get('/dashboard')).status).toBe(303);
  });

  it('does nothing twice', async () => {
    const browser = await signedIn(server, await server.createAccount('member'));
    await browser.submit('/dashboard/sign-out', {}, { from: '/dashboard' });
    expect((await browser.submit('/dashboard/sign-out', {}, { from: PATH })).status).toBe(303);
  });
});

describe('over https', () => {
  it('the cookies are for this host and for https only', async () => {
    const secure = await startTestServer({ config: { PUBLIC_URL: 'https://c.example' } });
    try {
      const account = await secure.createAccount('member');
      await givePassword(secure.deps, account.userId, PASSWORD);
      const browser = createPageClient(secure);
      const fields = { email: account.email, password: PASSWORD };
      const { status, headers } = await browser.submit(PATH, fields, { headers: { origin: 'https://c.example' } });
      expect(status).toBe(303);
      for (const line of headers['set-cookie'] ?? [])
        expect(line).toMatch(
          /^__Host-continuity_\w+=[\w.-]*; path=\/; (expires=[^;]+; )?samesite=lax; secure; httponly$/,
        );
      expect(headers['set-cookie']).toHaveLength(3);
      expect((await browser.get('/dashboard')).status).toBe(200);
    } finally {
      await secure.stop();
    }
  });
});
