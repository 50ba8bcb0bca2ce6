import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { challengeOf, createTestApplication, type TestApplication } from '../testing/applications.ts';
import {
  ANSWER,
  answerIn,
  CALLBACK,
  openAuthorizing,
  type Query,
  STATE,
  text,
  VERIFIER,
  without,
} from '../testing/authorizing.ts';
import { basicOf, postForm } from '../testing/oauth2.ts';
import { csrfIn } from '../testing/pages.ts';
import { signedIn } from '../testing/signed_in.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { OUT_OF_BAND } from './redirect_uri.ts';

const { application, ask, browser, exchange, implicit, maker, open, press, queryFor, rows, server, user } =
  await openAuthorizing();
afterAll(() => server.stop());

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
    expect((await press('approve', query(more), await signedIn(server, user))).status).toBeGreaterThanOrEqual(400);
  });
});
