import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createCode, createTestApplication, type TestApplication } from '../testing/applications.ts';
import { basicOf, postForm } from '../testing/oauth2.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const CALLBACK = 'https://client.example/callback';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

let server: TestServer;
let user: NewAccount;
let application: TestApplication;
let other: TestApplication;
let open: TestApplication;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.createAccount('member');
  const maker = await server.createAccount('admin');
  application = await createTestApplication(server.deps, maker);
  other = await createTestApplication(server.deps, maker);
  open = await createTestApplication(server.deps, maker, { public: true });
});
afterAll(() => server.stop());

type Form = Record<string, string>;
const headersOf = (by: TestApplication): Form => (by.clientSecret === undefined ? {} : { authorization: basicOf(by) });
const idOf = (by: TestApplication): Form => (by.clientSecret === undefined ? { client_id: by.clientId } : {});

async function tokenOf(by: TestApplication, account = user, scopes = ['user', 'products']): Promise<string> {
  const code = await createCode(server.deps, account, by, { verifier: VERIFIER, scopes });
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...idOf(by) };
  const { status, json } = await postForm(server.client, '/oauth2/access_token', form, headersOf(by));
  expect(status).toBe(200);
  return json.access_token;
}

const revoke = (form: Form | string, by: TestApplication = application, headers = headersOf(by)) =>
  postForm(server.client, '/oauth2/revoke', typeof form === 'string' ? form : { ...form, ...idOf(by) }, headers);
const introspect = (form: Form | string, by: TestApplication = application, headers = headersOf(by)) =>
  postForm(server.client, '/oauth2/introspect', typeof form === 'string' ? form : { ...form, ...idOf(by) }, headers);
const works = async (token: string) => (await server.client.get('/whoami', { as: token })).status === 200;

describe('revoking (RFC 7009)', () => {
  it('stays open to an application whose maker is suspended', async () => {
    const maker = await server.createAccount('admin');
    const paused = await createTestApplication(server.deps, maker);
    const token = await tokenOf(paused);
    await setStanding(server.deps, maker.orgId, { suspended: true });
    expect((await revoke({ token }, paused)).status).toBe(200);
    await setStanding(server.deps, maker.orgId, { suspended: false });
    expect((await server.client.get('/whoami', { as: token })).status).toBe(401);
  });

  it.each(['access_token', 'refresh_token', 'nonsense', undefined])('ends the token at once, hint %s', async (hint) => {
    const [token, kept] = [await tokenOf(application), await tokenOf(application)];
    const { status, body, headers } = await revoke(hint === undefined ? { token } : { token, token_type_hint: hint });
    expect([status, body.length, headers['cache-control']]).toEqual([200, 0, 'no-store']);
    expect([await works(token), await works(kept)]).toEqual([false, true]);
  });

  it('is an event', async () => {
    const token = await tokenOf(application);
    await revoke({ token });
    await revoke({ token });
    const events = server.deps.db
      .selectFrom('events')
      .select(['user_id', 'data'])
      .where('type', '=', 'access_token.revoked');
    const [last, before] = await events.orderBy('id', 'desc').limit(2).execute();
    expect(last).toEqual({ user_id: user.userId, data: { application_id: application.clientId } });
    expect(before?.data).toBeDefined();
  });

  it('is done by a public application with its id alone', async () => {
    const token = await tokenOf(open);
    expect((await revoke({ token }, open)).status).toBe(200);
    expect(await works(token)).toBe(false);
  });

  it("does nothing to another application's token, and does not tell", async () => {
    const token = await tokenOf(other);
    expect((await revoke({ token })).status).toBe(200);
    expect((await revoke({ token }, open)).status).toBe(200);
    expect(await works(token)).toBe(true);
  });

  it.each(['nothing', `cto_${'x'.repeat(43)}`, 'eyJhbGciOiJub25lIn0.e30.'])('takes %s for revoked', async (token) => {
    expect((await revoke({ token })).status).toBe(200);
  });

  it('ends a code that was not used', async () => {
    const code = await createCode(server.deps, user, application);
    expect((await revoke({ token: code })).status).toBe(200);
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
    expect((await postForm(server.client, '/oauth2/access_token', form, headersOf(application))).json.error).toBe(
      'invalid_grant',
    );
  });

  it('needs the client to prove itself', async () => {
    const token = await tokenOf(application);
    const wrong = { ...application, clientSecret: `cts_${'x'.repeat(43)}` };
    expect([(await revoke({ token }, wrong)).status, (await revoke({ token }, wrong)).json.error]).toEqual([
      401,
      'invalid_client',
    ]);
    expect((await revoke({ token, client_id: application.clientId }, application, {})).json.error).toBe(
      'invalid_client',
    );
    expect((await revoke({ token }, application, {})).json.error).toBe('invalid_request');
    expect(await works(token)).toBe(true);
  });

  it.each(['', 'token=', 'token=a&token=b', 'token=%00', 'token=%zz', `token=${'a'.repeat(4097)}`])(
    'refuses %s',
    async (text) => {
      const { status, json } = await revoke(text);
      expect([status, json.error]).toEqual([400, 'invalid_request']);
    },
  );
});

describe('introspection (RFC 7662)', () => {
  it('tells an application about its own token', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { status, json, headers } = await introspect({ token: await tokenOf(application) });
    expect([status, headers['cache-control'], json]).toEqual([
      200,
      'no-store',
      {
        active: true,
        scope: 'user products',
        client_id: application.clientId,
        username: user.email,
        token_type: 'Bearer',
        iat: expect.any(Number),
        sub: user.userId,
        iss: server.url,
      },
    ]);
    expect(json.iat).toBeGreaterThanOrEqual(before);
  });

  it('keeps the address from who was not granted the scope `user`', async () => {
    const { json } = await introspect({ token: await tokenOf(application, user, ['products']) });
    expect([json.active, json.sub, json.username]).toEqual([true, user.userId, undefined]);
  });

  it.each<[string, () => Promise<string>]>([
    ['an unknown', async () => `cto_${'x'.repeat(43)}`],
    ["another application's", () => tokenOf(other)],
    [
      'a revoked',
      async () => {
        const token = await tokenOf(application);
        await revoke({ token });
        return token;
      },
    ],
    [
      "a suspended user's",
      async () => {
        const suspended = await server.createAccount('owner');
        const token = await tokenOf(application, suspended);
        await setStanding(server.deps, suspended.orgId, { suspended: true });
        return token;
      },
    ],
    ['an authorization code for a', () => createCode(server.deps, user, application)],
    ['an API key for a', async () => user.apiKey],
  ])('says of %s token only that it is not active', async (_name, make) => {
    const { status, json } = await introspect({ token: await make() });
    expect([status, json]).toEqual([200, { active: false }]);
  });

  it('is for those who prove themselves with a secret', async () => {
    const token = await tokenOf(open);
    expect((await introspect({ token }, open)).json.error).toBe('invalid_client');
    const wrong = { ...application, clientSecret: 'wrong' };
    const { status, json, headers } = await introspect({ token }, wrong);
    expect([status, json.error, /^Basic /.test(String(headers['www-authenticate']))]).toEqual([
      401,
      'invalid_client',
      true,
    ]);
    expect((await introspect({ token }, application, { authorization: `Bearer ${token}` })).json.error).toBe(
      'invalid_request',
    );
  });

  it.each(['', 'token=', 'token=a&token=b', 'token=%00'])('refuses %s', async (text) => {
    const { status, json } = await introspect(text);
    expect([status, json.error]).toEqual([400, 'invalid_request']);
  });
});

describe('the metadata (RFC 8414)', () => {
  it('names this server and what it does', async () => {
    const { status, json } = await server.client.get('/.well-known/oauth-authorization-server');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      issuer: server.url,
      authorization_endpoint: `${server.url}/oauth2/authorize`,
      token_endpoint: `${server.url}/oauth2/access_token`,
      revocation_endpoint: `${server.url}/oauth2/revoke`,
      introspection_endpoint: `${server.url}/oauth2/introspect`,
      response_types_supported: ['code', 'token'],
      grant_types_supported: ['authorization_code', 'implicit'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('is what a library discovers', async () => {
    const { discoveryRequest, processDiscoveryResponse, allowInsecureRequests } = await import('oauth4webapi');
    const issuer = new URL(server.url);
    const response = await discoveryRequest(issuer, { algorithm: 'oauth2', [allowInsecureRequests]: true });
    // The library normalises the issuer to a URL with its slash.
    const metadata = await processDiscoveryResponse(new URL(server.url), response).catch(
      (error: Error) => error.message,
    );
    expect(metadata).toMatchObject({ issuer: server.url });
  });

  it('answers a script tag as well', async () => {
    const { body, headers } = await server.client.get('/.well-known/oauth-authorization-server?callback=f&_=1');
    expect([headers['content-type'], body.toString().startsWith('f({')]).toEqual(['application/javascript', true]);
  });
});
