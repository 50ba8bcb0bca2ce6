import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { createPageClient, csrfIn, type PageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import type { NewAccount } from '../organisations/actions.ts';

const SESSIONS = '/dashboard/settings/sessions';
const END_OTHERS = `${SESSIONS}/end-others`;

let server: TestServer;
let member: NewAccount;
let browser: PageClient;
beforeAll(async () => {
  server = await startTestServer();
  member = await server.createAccount('member');
  browser = await signedIn(server, member);
});
afterAll(() => server.stop());

const raw = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(server.url + path, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
const cookie = () => ({ cookie: `continuity_session=${browser.cookies.get('continuity_session')}` });

describe('any page', () => {
  it('is kept, framed and indexed by nobody, and runs nothing', async () => {
    const { status, headers } = await browser.get('/dashboard');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'x-robots-tag': 'noindex',
      'x-content-type-options': 'nosniff',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    const policy = String(headers['content-security-policy']);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      expect.stringMatching(/^style-src 'sha256-[\w+/]{43}='$/),
      "img-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
  });

  it('answers HEAD like GET, without the page', async () => {
    const answer = await raw('HEAD', '/dashboard', cookie());
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(1000);
  });

  it('answers OPTIONS with what it allows, to everybody', async () => {
    const answer = await raw('OPTIONS', SESSIONS);
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each([
    ['PUT', SESSIONS, 'GET, HEAD, OPTIONS'],
    ['POST', SESSIONS, 'GET, HEAD, OPTIONS'],
    ['GET', END_OTHERS, 'POST, OPTIONS'],
    ['DELETE', '/dashboard/sign-in', 'GET, POST, HEAD, OPTIONS'],
  ])('refuses %s %s', async (method, path, allow) => {
    const answer = await raw(method, path, cookie());
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(await answer.text()).toContain('<h1>This page cannot do that</h1>');
  });

  it.each(['/dashboard/none', '/dashboard/', '/dashboard/settings/sessions/', '/dashboard/%zz'])(
    'is 404 where there is none: %s',
    async (path) => {
      const page = await browser.get(path);
      expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
      expect(page.text).toContain('There is no such page');
    },
  );

  it.each(['?done=constructor', '?done=%00', '?done=nonsense'])('says nothing was done for %s', async (query) => {
    const page = await browser.get(`${SESSIONS}${query}`);
    expect([200, 400]).toContain(page.status);
    expect(page.html).not.toContain('class="notice');
  });
});

describe('a page for who is signed in', () => {
  it('leads a visitor to sign-in and back', async () => {
    const { status, headers } = await createPageClient(server).get(`${SESSIONS}?done=session_ended`);
    expect([status, headers.location]).toEqual([
      303,
      `/dashboard/sign-in?return_to=${encodeURIComponent(`${SESSIONS}?done=session_ended`)}`,
    ]);
  });

  it('is nothing but a way out for a suspended account', async () => {
    const account = await server.createAccount('owner');
    const suspended = await signedIn(server, account);
    await setStanding(server.deps, account.orgId, { suspended: true });
    const page = await suspended.get('/dashboard');
    expect(page.status).toBe(401);
    expect(page.headers['www-authenticate']).not.toMatch(/basic/i);
    expect(page.text).toContain('This account is suspended');
    expect(page.html).not.toContain('href="/dashboard/users"');
    const out = await suspended.submit('/dashboard/sign-out', {}, { from: '/dashboard' });
    expect(out.status).toBe(303);
    expect(suspended.cookies.has('continuity_session')).toBe(false);
  });

  it('shows the links of the role', async () => {
    const owner = await signedIn(server, await server.createAccount('owner'));
    expect((await owner.get('/dashboard')).html).toContain('href="/dashboard/users"');
    expect((await browser.get('/dashboard')).html).not.toContain('href="/dashboard/users"');
  });
});

describe('a form', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const stays = async (answer: Response) => {
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<h1>This form is out of date</h1>');
    expect((await browser.get('/dashboard')).status).toBe(200);
  };
  const own = async () => csrfIn((await browser.get(SESSIONS)).html) ?? '';

  it.each([
    ['nothing', () => ''],
    ['an empty one', () => 'csrf='],
    ['a guess', () => `csrf=${'A'.repeat(43)}`],
  ])('is refused with %s for its token', async (_name, body) =>
    stays(await raw('POST', '/dashboard/sign-out', { ...form, ...cookie() }, body())),
  );

  it('is refused with the token of somebody else', async () => {
    const other = await signedIn(server, await server.createAccount('member'));
    const csrf = csrfIn((await other.get(SESSIONS)).html);
    await stays(await raw('POST', '/dashboard/sign-out', { ...form, ...cookie() }, `csrf=${csrf}`));
  });

  it('is refused with the token of another session of the same user', async () => {
    const csrf = csrfIn((await (await signedIn(server, member)).get(SESSIONS)).html);
    await stays(await raw('POST', '/dashboard/sign-out', { ...form, ...cookie() }, `csrf=${csrf}`));
  });

  it('is refused with the token of a session that ended', async () => {
    const left = await signedIn(server, member);
    const csrf = csrfIn((await left.get(SESSIONS)).html) ?? '';
    const { deps } = server;
    await deps.db
      .deleteFrom('sessions')
      .where('token_hash', '=', await hashOf(left))
      .execute();
    expect((await left.submit(END_OTHERS, { csrf })).status).toBe(403);
  });

  it.each([
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
    ['origin', 'https://evil.example'],
    ['origin', 'http://127.0.0.1:1'],
  ])('is refused from elsewhere, even with its token: %s %s', async (name, value) => {
    const body = `csrf=${await own()}`;
    await stays(await raw('POST', '/dashboard/sign-out', { ...form, ...cookie(), [name]: value }, body));
  });

  it('that is too large is 413', async () => {
    const body = `csrf=${await own()}&a=${'a'.repeat(65_536)}`;
    const answer = await raw('POST', '/dashboard/sign-out', { ...form, ...cookie() }, body);
    expect(answer.status).toBe(413);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it.each([
    [415, 'application/json', '{}'],
    [415, 'multipart/form-data; boundary=a', '--a--'],
    [400, 'application/x-www-form-urlencoded', 'a=%00'],
  ])('is %i as %s', async (status, type, body) => {
    const answer = await raw('POST', '/dashboard/sign-out', { ...cookie(), 'content-type': type }, body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
  });

  it('of a visitor leads to sign-in', async () => {
    const visitor = createPageClient(server);
    const { status, headers } = await visitor.submit(END_OTHERS, {}, { from: '/dashboard/sign-in' });
    expect([status, headers.location]).toEqual([303, '/dashboard/sign-in']);
  });
});

async function hashOf({ cookies }: PageClient): Promise<Buffer> {
  const { hashSecret } = await import('../users/principal.ts');
  return hashSecret(cookies.get('continuity_session') ?? '');
}
