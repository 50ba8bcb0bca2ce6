import { sql } from 'kysely';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestApplication, type TestApplication } from '../testing/applications.ts';
import type { Answer } from '../testing/client.ts';
import { CALLBACK, expectError, openExchanging, secretOf, VERIFIER } from '../testing/exchanging.ts';
import { basicOf } from '../testing/oauth2.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { hashSecret } from '../users/principal.ts';
import { deleteOldCodes } from './queries.ts';
import { throttleKey } from './throttle.ts';

const { confidential, formFor, newCode, post, publicForm, server, user } = await openExchanging();
afterAll(() => server.stop());

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
      await untilSomebodyWaits(server.deps.db, 2);
    });
    const answers = await asked;
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectError(answer, 400, 'invalid_grant');
    // Who came too late replayed it.
    expect(await tokensOf(application)).toBe(0);
  });
});

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
