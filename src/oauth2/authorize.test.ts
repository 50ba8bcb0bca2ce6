import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { challengeOf, createTestApplication, type TestApplication } from '../testing/applications.ts';
import { basicOf, postForm } from '../testing/oauth2.ts';
import { createPageClientAs, csrfIn, type PageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { OUT_OF_BAND } from './redirect_uri.ts';

const PATH = '/oauth2/authorize';
const ANSWER = '/dashboard/authorize';
const CALLBACK = 'https://client.example/callback';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const STATE = 'a b&c=d/é';

let server: TestServer;
let user: NewAccount;
let maker: NewAccount;
let browser: PageClient;
let application: TestApplication;
let open: TestApplication;
let implicit: TestApplication;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.createAccount('member');
  maker = await server.createAccount('admin');
  browser = await createPageClientAs(server, user);
  application = await createTestApplication(server.deps, maker, { name: 'Drum <b>shop</b>' });
  open = await createTestApplication(server.deps, maker, { public: true });
  implicit = await createTestApplication(server.deps, maker, { implicit: true });
});
afterAll(() => server.stop());

type Query = Record<string, string>;

const queryFor = (query: Query = {}, { clientId }: TestApplication = application): Query => ({
  response_type: 'code',
  client_id: clientId,
  redirect_uri: CALLBACK,
  state: STATE,
  ...query,
});
const without = (query: Query, name: string): Query => {
  const { [name]: _left, ...rest } = query;
  return rest;
};
const text = (query: Query | string) => (typeof query === 'string' ? query : new URLSearchParams(query).toString());
const url = (query: Query | string) => `${PATH}?${text(query)}`;

const singly = (headers: object) => headers as Readonly<Record<string, string | undefined>>;

/** Loads the page through the client that checks each exchange against the document. */
async function ask(query: Query | string, as: PageClient = browser) {
  const cookie = [...as.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await server.client.get(url(query), { headers: { cookie, accept: 'text/html' } });
  return { ...answer, headers: singly(answer.headers), html: answer.body.toString() };
}

/** Presses a button of the page. */
const press = (decision: string, query: Query, as: PageClient = browser) =>
  as.submit(ANSWER, { ...query, decision }, { from: url(query) });

function answerIn(location: string | undefined, part: 'search' | 'hash' = 'search'): Query {
  const address = new URL(location ?? '');
  return Object.fromEntries(new URLSearchParams(address[part].slice(1)));
}

async function rows(): Promise<number[]> {
  const { db } = server.deps;
  const tables = ['authorizations', 'authorization_codes', 'access_tokens', 'events'] as const;
  const counts = tables.map((table) =>
    db
      .selectFrom(table)
      .select((row) => row.fn.countAll<string>().as('n'))
      .execute(),
  );
  return (await Promise.all(counts)).map(([row]) => Number(row?.n));
}

const exchange = (code: string | undefined, form: Query = {}, by: TestApplication = application) =>
  postForm(
    server.client,
    '/oauth2/access_token',
    { grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK, ...form },
    by.clientSecret === undefined ? {} : { authorization: basicOf(by) },
  );

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
    const other = await createPageClientAs(server, user);
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

describe('allowing', () => {
  it('brings the code with state and issuer, and the code a token', async () => {
    const { status, headers } = await press('approve', queryFor({ scope: 'user products' }));
    expect(status).toBe(303);
    expect(headers.location).toMatch(/^https:\/\/client\.example\/callback\?code=ctc_/);
    const { code, ...rest } = answerIn(headers.location);
    expect(rest).toEqual({ state: STATE, iss: server.url });
    const { json } = await exchange(code);
    expect(json).toMatchObject({ token_type: 'Bearer', scope: 'user products' });
    const whoami = await server.client.get('/whoami', { query: { oauth_token: json.access_token } });
    expect(whoami.json.response).toEqual({ email: user.email });
  });

  it('is kept with every scope that was ever granted, and is an event', async () => {
    const fresh = await createTestApplication(server.deps, maker);
    await press('approve', queryFor({ scope: 'user' }, fresh));
    await press('approve', queryFor({ scope: 'products' }, fresh));
    const { db } = server.deps;
    const kept = await db
      .selectFrom('authorizations')
      .select(['user_id', 'scopes'])
      .where('application_id', '=', fresh.clientId)
      .execute();
    expect(kept).toEqual([{ user_id: user.userId, scopes: ['products', 'user'] }]);
    const events = await db
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'authorization.granted')
      .where('user_id', '=', user.userId)
      .orderBy('id')
      .execute();
    expect(events.slice(-2).map(({ data }) => data)).toEqual(
      ['user', 'products'].map((scopes) => ({ application_id: fresh.clientId, scopes })),
    );
  });

  it('gives the code ten minutes', async () => {
    const { code } = answerIn((await press('approve', queryFor())).headers.location);
    expect(code).toMatch(/^ctc_[\w-]{43}$/);
    const row = await server.deps.db
      .selectFrom('authorization_codes')
      .select('expires_at')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    const left = row.expires_at.getTime() - Date.now();
    expect(left).toBeGreaterThan(590_000);
    expect(left).toBeLessThanOrEqual(600_000);
  });

  it.each([
    ['nothing', undefined, 'user'],
    ['nothing but commas', ',, ,', 'user'],
    ['commas', 'build_requests_create,user', 'build_requests_create user'],
    ['spaces', 'user  events', 'user events'],
    ['both, twice', 'user,events user', 'user events'],
  ])('takes scopes with %s between them', async (_name, scope, granted) => {
    const query = queryFor(scope === undefined ? {} : { scope });
    const { code } = answerIn((await press('approve', query)).headers.location);
    expect((await exchange(code)).json.scope).toBe(granted);
  });

  it('of a public application is bound to its verifier', async () => {
    const pkce = { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' };
    const query = queryFor(pkce, open);
    const codeOf = async () => answerIn((await press('approve', query)).headers.location)['code'];
    const client = { client_id: open.clientId };
    expect((await exchange(await codeOf(), { ...client, code_verifier: 'A'.repeat(43) }, open)).json.error).toBe(
      'invalid_grant',
    );
    expect((await exchange(await codeOf(), { ...client, code_verifier: VERIFIER }, open)).status).toBe(200);
  });

  it.each(['http://127.0.0.1:51004/callback', 'http://[::1]:51005/callback'])(
    'leads to %s on any port',
    async (redirect_uri) => {
      const local = await createTestApplication(server.deps, maker, {
        redirectUris: ['http://127.0.0.1/callback', 'http://[::1]:1/callback'],
      });
      const { headers } = await press('approve', queryFor({ redirect_uri }, local));
      expect(headers.location?.startsWith(`${redirect_uri}?code=`)).toBe(true);
      const { code } = answerIn(headers.location);
      expect((await exchange(code, { redirect_uri: 'http://127.0.0.1/callback' }, local)).json.error).toBe(
        'invalid_grant',
      );
      expect((await exchange(code, { redirect_uri }, local)).status).toBe(200);
    },
  );

  it('leads to a program by its own scheme', async () => {
    const native = await createTestApplication(server.deps, maker, { redirectUris: ['com.example.app:/callback'] });
    const query = queryFor({ redirect_uri: 'com.example.app:/callback' }, native);
    expect((await ask(query)).headers['content-security-policy']).toContain("form-action 'self' com.example.app:;");
    expect((await press('approve', query)).headers.location).toMatch(/^com\.example\.app:\/callback\?code=/);
  });

  it('needs no redirect URI where there is only one, then or later', async () => {
    const query = without(queryFor(), 'redirect_uri');
    const { code } = answerIn((await press('approve', query)).headers.location);
    const form = { grant_type: 'authorization_code', code: code ?? '' };
    const { status } = await postForm(server.client, '/oauth2/access_token', form, {
      authorization: basicOf(application),
    });
    expect(status).toBe(200);
  });

  it('keeps the query of the redirect URI', async () => {
    const uri = `${CALLBACK}?tenant=1`;
    const tenant = await createTestApplication(server.deps, maker, { redirectUris: [uri] });
    const { headers } = await press('approve', queryFor({ redirect_uri: uri }, tenant));
    expect(answerIn(headers.location)).toMatchObject({ tenant: '1', state: STATE });
  });
});

describe('an application that is being deleted', () => {
  it('is granted nothing', async () => {
    const query = queryFor({}, await createTestApplication(server.deps, maker));
    const { db } = server.deps;
    const answer = await db.transaction().execute(async (tx) => {
      await tx
        .deleteFrom('applications')
        .where('id', '=', query['client_id'] ?? '')
        .execute();
      const pressed = press('approve', query);
      await untilSomebodyWaits(db);
      return { pressed };
    });
    const { status, headers } = await answer.pressed;
    expect([status, headers.location]).toEqual([400, undefined]);
  });
});

describe('denying', () => {
  it('tells the application, and grants nothing', async () => {
    const before = await rows();
    for (const decision of ['deny', '', 'yes']) {
      const { status, headers } = await press(decision, queryFor());
      expect(status).toBe(303);
      expect(answerIn(headers.location)).toMatchObject({ error: 'access_denied', state: STATE, iss: server.url });
    }
    expect(await rows()).toEqual(before);
  });

  it('is denying, whatever the link has said before', async () => {
    const before = await rows();
    const query = { ...queryFor(), decision: 'approve', csrf: 'x', nonsense: 'x' };
    const { html } = await ask(query);
    const names = [...html.matchAll(/<input type="hidden" name="([^"]+)"/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(['client_id', 'csrf', 'csrf', 'redirect_uri', 'response_type', 'return_to', 'state']);
    const twice = `${text(query)}&decision=deny&csrf=${csrfIn(html)}`.replace('csrf=x&', '');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie };
    const posted = await fetch(server.url + ANSWER, { method: 'POST', headers, body: twice, redirect: 'manual' });
    expect(answerIn(posted.headers.get('location') ?? undefined)).toMatchObject({ error: 'access_denied' });
    expect(await rows()).toEqual(before);
  });
});

describe('the implicit flow', () => {
  const query = () => queryFor({ response_type: 'token', scope: 'products,user' }, implicit);

  it('brings a token in the fragment, without an end', async () => {
    const { status, headers } = await press('approve', query());
    expect([status, headers.location?.startsWith(`${CALLBACK}#`)]).toEqual([303, true]);
    const { access_token, ...rest } = answerIn(headers.location, 'hash');
    expect(rest).toEqual({ token_type: 'Bearer', scope: 'products user', state: STATE, iss: server.url });
    expect((await server.client.get('/whoami', { as: access_token ?? '' })).status).toBe(200);
  });

  it('tells of errors in the fragment', async () => {
    const { headers } = await press('deny', query());
    expect(answerIn(headers.location, 'hash')).toMatchObject({ error: 'access_denied', state: STATE });
  });

  it('is off unless the application asked for it', async () => {
    const { status, headers } = await ask(queryFor({ response_type: 'token' }));
    expect(status).toBe(303);
    expect(answerIn(headers['location'], 'hash')).toMatchObject({ error: 'unauthorized_client', state: STATE });
  });
});

describe('out of band', () => {
  let native: TestApplication;
  const query = (more: Query = {}) => queryFor({ redirect_uri: OUT_OF_BAND, ...more }, native);
  beforeAll(async () => {
    native = await createTestApplication(server.deps, maker, { redirectUris: [OUT_OF_BAND], implicit: true });
  });

  it('shows the code to copy', async () => {
    const { status, html, headers } = await press('approve', query());
    expect([status, headers['cache-control'], headers.location]).toEqual([200, 'no-store', undefined]);
    const code = /value="(ctc_[\w-]{43})"/.exec(html)?.[1];
    expect((await exchange(code, { redirect_uri: OUT_OF_BAND }, native)).status).toBe(200);
  });

  it('says that access was denied', async () => {
    const { status, text: words } = await press('deny', query());
    expect([status, words.includes('Access was denied')]).toEqual([200, true]);
  });

  it.each([
    ['invalid_scope', { scope: 'nonsense' }],
    ['unauthorized_client', { response_type: 'token' }],
    ['unsupported_response_type', { response_type: 'id_token' }],
  ])('says %s on a page', async (error, more) => {
    const { status, html } = await ask(query(more));
    expect([status, html.includes(error)]).toEqual([400, true]);
    expect((await press('approve', query(more), await createPageClientAs(server, user))).status).toBeGreaterThanOrEqual(
      400,
    );
  });
});

describe('an error of the application', () => {
  const pkce = { code_challenge: challengeOf(VERIFIER), code_challenge_method: 'S256' };

  it.each<[string, string, () => Query | string]>([
    ['no response type', 'invalid_request', () => without(queryFor(), 'response_type')],
    ['an empty response type', 'invalid_request', () => queryFor({ response_type: '' })],
    ['an unknown response type', 'unsupported_response_type', () => queryFor({ response_type: 'id_token' })],
    ['two response types', 'unsupported_response_type', () => queryFor({ response_type: 'code token' })],
    ['an unknown scope', 'invalid_scope', () => queryFor({ scope: 'user,everything' })],
    ['a scope of other letters', 'invalid_scope', () => queryFor({ scope: 'USER' })],
    ['a scope from the prototype', 'invalid_scope', () => queryFor({ scope: 'constructor' })],
    ['scope twice', 'invalid_request', () => `${text(queryFor({ scope: 'user' }))}&scope=user`],
    ['response_type twice', 'invalid_request', () => `${text(queryFor())}&response_type=code`],
    ['code_challenge twice', 'invalid_request', () => `${text(queryFor(pkce))}&code_challenge=x`],
    ['a scope that is too long', 'invalid_request', () => queryFor({ scope: 'user '.repeat(1000) })],
    ['a scope with NUL', 'invalid_request', () => `${text(queryFor())}&scope=user%00`],
    ['a scope with a bad escape', 'invalid_request', () => `${text(queryFor())}&scope=%zz`],
    ['a method without a challenge', 'invalid_request', () => queryFor({ code_challenge_method: 'S256' })],
    ['a challenge without a method', 'invalid_request', () => queryFor({ code_challenge: challengeOf(VERIFIER) })],
    ['the method plain', 'invalid_request', () => queryFor({ ...pkce, code_challenge_method: 'plain' })],
    ['a challenge that is no SHA-256', 'invalid_request', () => queryFor({ ...pkce, code_challenge: 'abc' })],
    ['a public application without PKCE', 'invalid_request', () => queryFor({}, open)],
  ])('%s: %s, with state and issuer', async (_name, error, make) => {
    const before = await rows();
    const { status, headers } = await ask(make());
    expect([status, headers['location']?.startsWith(`${CALLBACK}?`)]).toEqual([303, true]);
    expect(answerIn(headers['location'])).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/),
      state: STATE,
      iss: server.url,
    });
    expect(await rows()).toEqual(before);
  });

  it.each(['a'.repeat(4097), 'a%00', '%zz', 'a&state=b'])('is a state like %s', async (state) => {
    const { status, headers } = await ask(`${text(without(queryFor(), 'state'))}&state=${state}`);
    expect(status).toBe(303);
    expect(answerIn(headers['location'])).toMatchObject({ error: 'invalid_request' });
    expect(answerIn(headers['location'])['state']).toBeUndefined();
  });

  it('is told after the form as well', async () => {
    const query = queryFor();
    const { headers } = await browser.submit(
      ANSWER,
      { ...query, scope: 'x', decision: 'approve' },
      { from: url(query) },
    );
    expect(answerIn(headers.location)).toMatchObject({ error: 'invalid_scope', state: STATE });
  });

  it('never splits the headers', async () => {
    const state = 'a\r\nSet-Cookie: b=c\r\n\r\n<html>';
    const { headers } = await ask(queryFor({ state, scope: 'x' }));
    expect(headers['set-cookie']).toBeUndefined();
    expect(answerIn(headers['location'])['state']).toBe(state);
  });

  it('is not what we do not know', async () => {
    expect((await ask(queryFor({ prompt: 'none', nonce: 'x' }))).status).toBe(200);
    expect((await ask(`${text(queryFor())}&nonce=1&nonce=2&%zz`)).status).toBe(200);
  });
});

describe('what is never redirected', () => {
  it.each<[string, () => Query | string]>([
    ['no client id', () => without(queryFor(), 'client_id')],
    ['an unknown client id', () => queryFor({ client_id: '123456789123456780' })],
    ['a client id that is no number', () => queryFor({ client_id: "1' or '1'='1" })],
    ['a client id beyond 64 bits', () => queryFor({ client_id: '9'.repeat(30) })],
    ['a client id with NUL', () => `${text(without(queryFor(), 'client_id'))}&client_id=1%00`],
    ['two client ids', () => `${text(queryFor())}&client_id=${open.clientId}`],
    ['two redirect URIs', () => `${text(queryFor())}&redirect_uri=https%3A%2F%2Fevil.example`],
    ['a redirect URI that is too long', () => queryFor({ redirect_uri: `${CALLBACK}?${'a'.repeat(4096)}` })],
    ['a redirect URI with a bad escape', () => `${text(without(queryFor(), 'redirect_uri'))}&redirect_uri=%zz`],
    ...[
      'https://evil.example/callback',
      `${CALLBACK}/`,
      `${CALLBACK}?a=b`,
      `${CALLBACK}#a`,
      'https://client.example:8443/callback',
      'https://client.example/callback/../evil',
      'https://client.example@evil.example/callback',
      'https://client.example.evil.example/callback',
      'http://client.example/callback',
      '//evil.example/callback',
      'javascript:alert(1)',
      'data:text/html,x',
      OUT_OF_BAND,
      `${CALLBACK}\r\nSet-Cookie: a=b`,
    ].map((redirect_uri): [string, () => Query] => [redirect_uri, () => queryFor({ redirect_uri })]),
  ])('%s', async (_name, make) => {
    const query = make();
    const { status, headers, html } = await ask(query);
    expect([status, headers['location'], headers['content-type']]).toEqual([400, undefined, 'text/html']);
    expect(html).toContain('This link does not work');
    const form = Object.fromEntries(new URLSearchParams(text(query)));
    const posted = await browser.submit(ANSWER, { ...form, decision: 'approve' }, { from: url(queryFor()) });
    if (typeof query !== 'string') expect([posted.status, posted.headers.location]).toEqual([400, undefined]);
  });

  it('is a request without a redirect URI of an application that has several', async () => {
    const several = await createTestApplication(server.deps, maker, { redirectUris: [CALLBACK, `${CALLBACK}/2`] });
    expect((await ask(without(queryFor({}, several), 'redirect_uri'))).status).toBe(400);
  });

  it('is what should never have been registered', async () => {
    const redirect_uri = 'javascript:alert(1)';
    const evil = await createTestApplication(server.deps, maker, { redirectUris: [redirect_uri] });
    expect((await ask(queryFor({ redirect_uri }, evil))).status).toBe(400);
    expect((await ask(without(queryFor({}, evil), 'redirect_uri'))).status).toBe(400);
  });
});

describe('a form', () => {
  it.each<[string, () => Promise<Query>]>([
    ['without its token', async () => ({ csrf: '' })],
    ['with a forged token', async () => ({ csrf: 'A'.repeat(43) })],
    [
      "with another user's token",
      async () => {
        const other = await createPageClientAs(server, await server.createAccount('member'));
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
    const theirs = await createPageClientAs(server, other);
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
