import { afterAll, describe, expect, it } from 'vitest';
import { challengeOf, createTestApplication } from '../testing/applications.ts';
import {
  ANSWER,
  answerIn,
  CALLBACK,
  openAuthorizing,
  type Query,
  STATE,
  text,
  url,
  VERIFIER,
  without,
} from '../testing/authorizing.ts';
import { OUT_OF_BAND } from './redirect_uri.ts';

const { ask, browser, maker, open, queryFor, rows, server } = await openAuthorizing();
afterAll(() => server.stop());

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
