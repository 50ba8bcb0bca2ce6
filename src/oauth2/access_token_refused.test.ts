import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { createCode, createTestApplication } from '../testing/applications.ts';
import {
  CALLBACK,
  expectError,
  type Form,
  openExchanging,
  PATH,
  secretOf,
  VERIFIER,
  without,
} from '../testing/exchanging.ts';
import { basicOf, postForm } from '../testing/oauth2.ts';

const { confidential, formFor, newCode, open, post, publicForm, server, user } = await openExchanging();
afterAll(() => server.stop());

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
