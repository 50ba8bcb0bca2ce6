import { afterAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { createTestApplication } from '../testing/applications.ts';
import { ANSWER, answerIn, openAuthorizing, PATH, type Query, singly, text, url } from '../testing/authorizing.ts';
import { signedIn } from '../testing/signed_in.ts';

const { ask, browser, maker, press, queryFor, rows, server, user } = await openAuthorizing();
afterAll(() => server.stop());

describe('who is not signed in', () => {
  it('signs in first, and comes back', async () => {
    const query = queryFor();
    const { status, headers } = await server.client.get(url(query));
    expect(status).toBe(303);
    expect(headers['location']).toBe(`/dashboard/sign-in?return_to=${encodeURIComponent(url(query))}`);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is not even redirected with an error: that would be an open redirector', async () => {
    const { status, headers } = await server.client.get(url(queryFor({ scope: 'nonsense' })));
    expect([status, singly(headers)['location']?.startsWith('/dashboard/sign-in?')]).toEqual([303, true]);
  });

  it('sees at once that a link is broken', async () => {
    expect((await server.client.get(url(queryFor({ client_id: '1' })))).status).toBe(400);
  });

  it('cannot answer the question', async () => {
    const before = await rows();
    const body = text({ ...queryFor(), decision: 'approve' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await fetch(server.url + ANSWER, { method: 'POST', headers, body, redirect: 'manual' });
    expect(answer.status).toBe(403);
    expect(await rows()).toEqual(before);
  });
});

describe('the question', () => {
  it('names the application, its maker, the scopes in words, the account and where the answer goes', async () => {
    const { status, text: words } = await browser.get(url(queryFor({ scope: 'build_requests_create,products' })));
    expect(status).toBe(200);
    for (const part of [
      'Allow Drum <b>shop</b> access?',
      maker.orgId,
      'Start, cancel and retry builds',
      'See, create and change your products',
      user.email,
      'client.example',
    ])
      expect(words).toContain(part);
    expect(words).not.toContain('See your e-mail address');
  });

  it('grants nothing by being looked at', async () => {
    const before = await rows();
    await ask(queryFor());
    await server.client.request('HEAD', url(queryFor()), {
      headers: { cookie: `continuity_session=${browser.cookies.get('continuity_session')}` },
    });
    expect(await rows()).toEqual(before);
  });

  it('is asked every time', async () => {
    await press('approve', queryFor());
    expect((await ask(queryFor())).status).toBe(200);
  });

  it('cannot be framed, kept, or read by scripts of other sites', async () => {
    const { headers } = await ask(queryFor());
    expect(headers).toMatchObject({
      'content-type': 'text/html',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' https:");
    expect(headers['access-control-allow-origin']).toBeUndefined();
    const { headers: preflight } = await server.client.request('OPTIONS', PATH);
    expect(preflight['access-control-allow-origin']).toBeUndefined();
  });

  it('keeps markup that it is sent as text', async () => {
    const state = `"><script>alert(1)</script>`;
    const { html } = await ask(queryFor({ state }));
    expect(html).not.toContain('<script');
    expect(html).toContain('value="&quot;>&lt;script>alert(1)&lt;/script>"');
    expect(answerIn((await press('approve', queryFor({ state }))).headers.location)['state']).toBe(state);
  });

  it('can be answered as somebody else', async () => {
    const other = await signedIn(server, user);
    const query = queryFor();
    const { status, headers } = await other.submit(
      '/dashboard/sign-out',
      { return_to: url(query) },
      { from: url(query) },
    );
    expect([status, headers.location]).toEqual([303, `/dashboard/sign-in?return_to=${encodeURIComponent(url(query))}`]);
    expect((await ask(query, other)).status).toBe(303);
  });
});

describe('a form', () => {
  it.each<[string, () => Promise<Query>]>([
    ['without its token', async () => ({ csrf: '' })],
    ['with a forged token', async () => ({ csrf: 'A'.repeat(43) })],
    [
      "with another user's token",
      async () => {
        const other = await signedIn(server, await server.createAccount('member'));
        return { csrf: /name="csrf" value="([^"]+)"/.exec((await other.get(url(queryFor()))).html)?.[1] ?? '' };
      },
    ],
  ])('%s grants nothing', async (_name, forged) => {
    const before = await rows();
    const { status, headers } = await browser.submit(ANSWER, {
      ...queryFor(),
      decision: 'approve',
      ...(await forged()),
    });
    expect([status, headers.location]).toEqual([403, undefined]);
    expect((await rows()).slice(0, 3)).toEqual(before.slice(0, 3));
  });

  it('of another site grants nothing', async () => {
    const query = queryFor();
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const { status } = await browser.submit(ANSWER, { ...query, decision: 'approve' }, { from: url(query), headers });
      expect(status).toBe(403);
    }
  });
});

describe('who is suspended', () => {
  it('grants nothing', async () => {
    const other = await server.createAccount('owner');
    const theirs = await signedIn(server, other);
    await setStanding(server.deps, other.orgId, { suspended: true });
    const { status, headers, html } = await ask(queryFor({ scope: 'x' }), theirs);
    expect([status, headers['location'], html.includes('suspended')]).toEqual([403, undefined, true]);
    const answer = await press('approve', queryFor(), theirs);
    expect([answer.status >= 400, answer.headers.location]).toEqual([true, undefined]);
  });

  it('is asked for nothing', async () => {
    const owner = await server.createAccount('owner');
    const theirs = await createTestApplication(server.deps, owner);
    const query = queryFor({}, theirs);
    await setStanding(server.deps, owner.orgId, { suspended: true });
    expect((await ask(query)).status).toBe(403);
    const answer = await browser.submit(ANSWER, { ...query, decision: 'approve' }, { from: url(queryFor()) });
    expect([answer.status, answer.headers.location]).toEqual([403, undefined]);
  });
});
