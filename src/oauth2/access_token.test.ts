import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createCode, createTestApplication, type TestApplication } from '../testing/applications.ts';
import type { Answer } from '../testing/client.ts';
import { basicOf, postForm } from '../testing/oauth2.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { hashSecret } from '../users/principal.ts';
import { deleteOldCodes } from './queries.ts';
import { throttleKey } from './throttle.ts';

const PATH = '/oauth2/access_token';
const CALLBACK = 'https://client.example/callback';
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

let server: TestServer;
let user: NewAccount;
let confidential: TestApplication;
let open: TestApplication;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.createAccount('member');
  const maker = await server.createAccount('admin');
  confidential = await createTestApplication(server.deps, maker);
  open = await createTestApplication(server.deps, maker, { public: true });
});
afterAll(() => server.stop());

type Form = Record<string, string>;
const post = (form: Form | string, headers: Form = {}) => postForm(server.client, PATH, form, headers);
const secretOf = ({ clientId, clientSecret = '' }: TestApplication) => ({
  client_id: clientId,
  client_secret: clientSecret,
});
const newCode = (options = {}, application = confidential) => createCode(server.deps, user, application, options);
const formFor = async (options = {}) => ({
  grant_type: 'authorization_code',
  code: await newCode(options),
  redirect_uri: CALLBACK,
  ...secretOf(confidential),
});
const publicForm = async () => ({
  grant_type: 'authorization_code',
  code: await newCode({ verifier: VERIFIER }, open),
  redirect_uri: CALLBACK,
  client_id: open.clientId,
  code_verifier: VERIFIER,
});

function expectError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.json.error]).toEqual([status, error]);
  expect(answer.headers['cache-control']).toBe('no-store');
  // RFC 6749 §5.2
  expect(answer.json.error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  expect(answer.headers['www-authenticate'] !== undefined).toBe(status === 401);
}

async function tokensOf(application: TestApplication): Promise<number> {
  const rows = await server.deps.db
    .selectFrom('access_tokens as t')
    .innerJoin('authorizations as a', 'a.id', 't.authorization_id')
    .select('t.id')
    .where('a.application_id', '=', application.clientId)
    .execute();
  return rows.length;
}

const eventsOf = (type: string) =>
  server.deps.db
    .selectFrom('events')
    .select(['user_id', 'data'])
    .where('type', '=', type)
    .where('organisation_id', '=', user.orgId)
    .execute();

describe('a code', () => {
  it('becomes a token that has no end and works', async () => {
    const { client_id: _id, client_secret: _secret, ...form } = await formFor({ scopes: ['products', 'user'] });
    const { status, headers, json } = await post(form, { authorization: basicOf(confidential) });
    expect([status, json]).toEqual([
      200,
      { access_token: expect.stringMatching(/^cto_[\w-]{43}$/), token_type: 'Bearer', scope: 'products user' },
    ]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    const { json: whoami } = await server.client.get('/whoami', { as: json.access_token });
    expect(whoami).toEqual({ response: { email: user.email } });
    expect((await eventsOf('access_token.created')).at(-1)).toEqual({
      user_id: user.userId,
      data: { application_id: confidential.clientId, scopes: 'products user' },
    });
    const stored = hashSecret(json.access_token);
    const row = server.deps.db.selectFrom('access_tokens').selectAll().where('token_hash', '=', stored);
    expect(JSON.stringify(await row.executeTakeFirstOrThrow())).not.toContain(json.access_token);
  });

  it('is exchanged with the secret in the body', async () => {
    expect((await post(await formFor())).status).toBe(200);
  });

  it('is exchanged by a public application with its verifier', async () => {
    expect((await post(await publicForm())).status).toBe(200);
  });

  it('may have a verifier of a confidential application too', async () => {
    expect((await post({ ...(await formFor({ verifier: VERIFIER })), code_verifier: VERIFIER })).status).toBe(200);
  });

  it('needs no redirect URI where none was in the request', async () => {
    const { redirect_uri, ...form } = await formFor({ redirectUriSent: false });
    expect((await post(form)).status).toBe(200);
    const again = await formFor({ redirectUriSent: false });
    expect((await post({ ...again, redirect_uri })).status).toBe(200);
  });

  it('revokes what it gave when it is used again', async () => {
    const form = await formFor();
    const { json } = await post(form);
    expect((await server.client.get('/whoami', { as: json.access_token })).status).toBe(200);
    expectError(await post(form), 400, 'invalid_grant');
    expect((await server.client.get('/whoami', { as: json.access_token })).status).toBe(401);
    expect((await eventsOf('authorization_code.replayed')).at(-1)).toEqual({
      user_id: user.userId,
      data: { application_id: confidential.clientId, revoked_tokens: '1' },
    });
    expectError(await post(form), 400, 'invalid_grant');
  });

  it('is exchanged once, however many ask at once', async () => {
    const application = await createTestApplication(server.deps, user);
    const code = await newCode({}, application);
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...secretOf(application) };
    let asked: Promise<Answer[]> = Promise.resolve([]);
    // Nobody gets at the code until both are there.
    await server.deps.db.transaction().execute(async (tx) => {
      await sql`select from authorization_codes where code_hash = ${hashSecret(code)} for update`.execute(tx);
      asked = Promise.all([post(form), post(form)]);
      await untilWaiting(2);
    });
    const answers = await asked;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectError(answer, 400, 'invalid_grant');
    // Who came too late replayed it.
    expect(await tokensOf(application)).toBe(0);
  });
});

async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(server.deps.db);
    if (rows.length >= count) return;
  }
}

describe('an old code', () => {
  it('is swept away, and its token stays', async () => {
    const DAY = 24 * 60 * 60 * 1000;
    const form = await formFor();
    const { json } = await post(form);
    const codes = server.deps.db.updateTable('authorization_codes');
    await codes.set({ expires_at: new Date(Date.now() - 29 * DAY) }).execute();
    expect(await deleteOldCodes(server.deps.db)).toBe(0);
    const old = hashSecret(form.code);
    await codes
      .set({ expires_at: new Date(Date.now() - 31 * DAY) })
      .where('code_hash', '=', old)
      .execute();
    expect(await deleteOldCodes(server.deps.db)).toBe(1);
    expectError(await post(form), 400, 'invalid_grant');
    expect((await server.client.get('/whoami', { as: json.access_token })).status).toBe(200);
  });
});

describe('a code that is refused', () => {
  it.each<[string, () => Promise<Form>]>([
    ['unknown', async () => ({ ...(await formFor()), code: `ctc_${randomBytes(32).toString('base64url')}` })],
    ['no code at all', async () => ({ ...(await formFor()), code: '1' })],
    ['expired', () => formFor({ expiresAt: new Date(Date.now() - 1) })],
    [
      "another application's",
      async () => ({ ...(await formFor()), code: await newCode({ verifier: VERIFIER }, open) }),
    ],
    ['with another redirect URI', async () => ({ ...(await formFor()), redirect_uri: `${CALLBACK}/` })],
    [
      'with a redirect URI that was not in the request',
      async () => ({ ...(await formFor({ redirectUriSent: false })), redirect_uri: 'https://evil.example/' }),
    ],
    ['with a wrong verifier', async () => ({ ...(await publicForm()), code_verifier: VERIFIER.replace('d', 'e') })],
    ['with a verifier of another request', async () => ({ ...(await publicForm()), code_verifier: 'A'.repeat(43) })],
    ['with a verifier nobody asked for', async () => ({ ...(await formFor()), code_verifier: VERIFIER })],
  ])('%s', async (_name, make) => {
    const form = await make();
    expectError(await post(form), 400, 'invalid_grant');
  });

  it.each<[string, () => Promise<Form>]>([
    ['without the redirect URI of the request', async () => without(await formFor(), 'redirect_uri')],
    ['without its verifier', async () => without(await publicForm(), 'code_verifier')],
    ['with a verifier that is too short', async () => ({ ...(await publicForm()), code_verifier: 'short' })],
    ['with a verifier that is too long', async () => ({ ...(await publicForm()), code_verifier: 'a'.repeat(129) })],
    ['with a verifier of other characters', async () => ({ ...(await publicForm()), code_verifier: '+'.repeat(43) })],
  ])('%s', async (_name, make) => {
    expectError(await post(await make()), 400, 'invalid_request');
  });

  it('stays good for who can prove more', async () => {
    const form = await publicForm();
    expectError(await post({ ...form, code_verifier: 'A'.repeat(43) }), 400, 'invalid_grant');
    expectError(await post({ ...form, redirect_uri: 'https://evil.example/' }), 400, 'invalid_grant');
    expect((await post(form)).status).toBe(200);
  });

  it('is that of a user who is suspended, or gone', async () => {
    const other = await server.createAccount('owner');
    const form = { ...(await formFor()), code: await createCode(server.deps, other, confidential) };
    await setStanding(server.deps, other.orgId, { suspended: true });
    expectError(await post(form), 400, 'invalid_grant');
    await setStanding(server.deps, other.orgId, { suspended: false });
    await server.deps.db.deleteFrom('authorizations').where('user_id', '=', other.userId).execute();
    expectError(await post(form), 400, 'invalid_grant');
  });

  it("is that of an application whose maker's account is suspended", async () => {
    const maker = await server.createAccount('owner');
    const application = await createTestApplication(server.deps, maker);
    const form = { ...(await formFor()), ...secretOf(application), code: await newCode({}, application) };
    await setStanding(server.deps, maker.orgId, { suspended: true });
    expectError(await post(form), 400, 'unauthorized_client');
  });
});

function without(form: Form, name: string): Form {
  const { [name]: _left, ...rest } = form;
  return rest;
}

describe('a client', () => {
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const bare = async () => {
    const { client_id: _id, client_secret: _secret, ...form } = await formFor();
    return form;
  };

  it.each<[string, () => Promise<[Form, Form?]>]>([
    ['unknown', async () => [{ ...(await formFor()), client_id: '123456789123456780' }]],
    ['no number', async () => [{ ...(await formFor()), client_id: 'me' }]],
    ['a number beyond 64 bits', async () => [{ ...(await formFor()), client_id: '9'.repeat(19) }]],
    ['with a wrong secret', async () => [{ ...(await formFor()), client_secret: `cts_${'x'.repeat(43)}` }]],
    ['confidential without its secret', async () => [without(await formFor(), 'client_secret')]],
    ['confidential with an empty secret', async () => [{ ...(await formFor()), client_secret: '' }]],
    ['public with a secret', async () => [{ ...(await publicForm()), client_secret: 'x' }]],
    ["with another application's id", async () => [{ ...(await formFor()), client_id: open.clientId }]],
    ['with a wrong secret in the header', async () => [await bare(), basic(`${confidential.clientId}:wrong`)]],
    ['with no colon in the header', async () => [await bare(), basic(confidential.clientId)]],
    ['with a header that is no base64', async () => [await bare(), { authorization: 'Basic ***' }]],
    ['with a bad escape in the header', async () => [await bare(), basic(`${confidential.clientId}:%zz`)]],
    ['with an empty header', async () => [await bare(), { authorization: 'Basic' }]],
    ["with a user's e-mail and API key", async () => [await bare(), basic(`${user.email}:${user.apiKey}`)]],
  ])('%s is not let in', async (_name, make) => {
    const [form, headers] = await make();
    expectError(await post(form, headers), 401, 'invalid_client');
  });

  it.each<[string, () => Promise<[Form, Form?]>]>([
    ['without an id', async () => [without(await formFor(), 'client_id')]],
    [
      'with a secret in the header and in the body',
      async () => [await formFor(), { authorization: basicOf(confidential) }],
    ],
    [
      'with two ids',
      async () => [{ ...(await bare()), client_id: open.clientId }, { authorization: basicOf(confidential) }],
    ],
  ])('%s is no client', async (_name, make) => {
    const [form, headers] = await make();
    expectError(await post(form, headers), 400, 'invalid_request');
  });

  it('form-encodes both halves of the header', async () => {
    const { clientId, clientSecret = '' } = confidential;
    const encoded = clientSecret.replaceAll('_', '%5F');
    expect((await post(await bare(), basic(`${clientId}:${encoded}`))).status).toBe(200);
    const again = { ...(await bare()), client_id: clientId };
    expect((await post(again, { authorization: basicOf(confidential) })).status).toBe(200);
  });

  it('is public by its id in the header alone as well', async () => {
    const form = without(await publicForm(), 'client_id');
    expect((await post(form, basic(`${open.clientId}:`))).status).toBe(200);
  });
});

describe('a malformed request', () => {
  const NAMES = ['grant_type', 'code', 'redirect_uri', 'client_id', 'client_secret', 'code_verifier'];
  const text = (form: Form) => new URLSearchParams(form).toString();

  it.each(NAMES)('has %s twice', async (name) => {
    const form = { ...(await formFor()), code_verifier: VERIFIER };
    expectError(await post(`${text(form)}&${name}=${name}`), 400, 'invalid_request');
  });

  it.each(
    NAMES.flatMap((name) => ['a'.repeat(4097), '%00', '%zz', '%', '%ff', '%ed%a0%80'].map((value) => [name, value])),
  )('has a %s like %s', async (name, value) => {
    const form = without(await formFor(), name ?? '');
    expectError(await post(`${text(form)}&${name}=${value}`), 400, 'invalid_request');
  });

  it.each(['grant_type', 'code', 'client_id'])('has no %s, or an empty one', async (name) => {
    expectError(await post(without(await formFor(), name)), 400, 'invalid_request');
    expectError(await post({ ...(await formFor()), [name]: '' }), 400, 'invalid_request');
    expectError(await post(`${text(without(await formFor(), name))}&${name}`), 400, 'invalid_request');
  });

  it.each([
    'password',
    'client_credentials',
    'refresh_token',
    'implicit',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'constructor',
    '__proto__',
  ])('asks for the grant %s', async (grant) => {
    const form = { ...(await formFor()), grant_type: grant, username: 'a', password: 'b', refresh_token: 'c' };
    expectError(await post(form), 400, 'unsupported_grant_type');
  });

  it('has arrays and objects where text belongs', async () => {
    const form = await formFor();
    expectError(await post(`${text(without(form, 'code'))}&code[]=${form.code}`), 400, 'invalid_request');
    expectError(await post(`${text(without(form, 'code'))}&code[a]=b`), 400, 'invalid_request');
  });

  it('is no form', async () => {
    const type = (value: string) => ({ 'content-type': value });
    expectError(await post('{}', type('application/json')), 415, 'invalid_request');
    expectError(await post(text(await formFor()), type('text/plain')), 415, 'invalid_request');
    expectError(await post(text(await formFor()), { 'content-encoding': 'gzip' }), 415, 'invalid_request');
    expectError(await post(`a=${'b'.repeat(16_384)}`), 413, 'invalid_request');
    expectError(await post(''), 400, 'invalid_request');
    const { client } = server;
    const bytes = Buffer.concat([Buffer.from(`${text(await formFor())}&x=`), Buffer.from([0xff])]);
    const headers = type('application/x-www-form-urlencoded');
    expectError(await client.post(PATH, { body: bytes, headers }), 400, 'invalid_request');
  });

  it('has what we do not know, which is ignored, also in the query', async () => {
    const form = { ...(await formFor()), audience: 'x', resource: 'y' };
    expect((await postForm(server.client, `${PATH}?code=1&code=2&%zz`, form)).status).toBe(200);
    const type = 'application/x-www-form-urlencoded; charset=UTF-8';
    expect((await post(text(await formFor()), { 'content-type': type })).status).toBe(200);
  });

  it('never has its secret in the address', async () => {
    const { client_secret: clientSecret, ...form } = await formFor();
    expectError(await postForm(server.client, `${PATH}?client_secret=${clientSecret}`, form), 401, 'invalid_client');
  });

  it('is a GET', async () => {
    expect((await server.client.get(PATH)).status).toBe(405);
  });
});

describe('guessing', () => {
  it('is slowed down, for that client alone', async () => {
    const application = await createTestApplication(server.deps, user);
    const form = { grant_type: 'authorization_code', code: 'guess', ...secretOf(application) };
    const key = throttleKey(application.clientId, '127.0.0.1');
    for (let tries = 0; tries < 99; tries++) await server.deps.throttles.tokenEndpoint.take(key);
    expectError(await post({ ...form, client_secret: 'guess' }), 401, 'invalid_client');
    const refused = await post({ ...form, code: await newCode({}, application), redirect_uri: CALLBACK });
    expectError(refused, 429, 'slow_down');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await post(await formFor())).status).toBe(200);
  });

  it('is not what comes with the secret: strangers may send junk codes to the callback', async () => {
    const application = await createTestApplication(server.deps, user);
    const key = throttleKey(application.clientId, '127.0.0.1');
    for (let tries = 0; tries < 99; tries++) await server.deps.throttles.tokenEndpoint.take(key);
    const form = { grant_type: 'authorization_code', code: 'junk', ...secretOf(application) };
    for (let times = 0; times < 3; times++) expectError(await post(form), 400, 'invalid_grant');
  });

  it('is counted by household, which has many IPv6 addresses', () => {
    expect(throttleKey('1', '2001:db8:1:2::3')).toBe(throttleKey('1', '2001:db8:1:2:ffff::4'));
    expect(throttleKey('1', '2001:db8:1:2::3')).not.toBe(throttleKey('1', '2001:db8:1:3::3'));
  });

  it('is not what a client does that succeeds', async () => {
    const application = await createTestApplication(server.deps, user);
    const key = throttleKey(application.clientId, '127.0.0.1');
    for (let tries = 0; tries < 99; tries++) await server.deps.throttles.tokenEndpoint.take(key);
    for (let times = 0; times < 3; times++) {
      const code = await newCode({}, application);
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...secretOf(application) };
      expect((await post(form)).status).toBe(200);
    }
  });
});
