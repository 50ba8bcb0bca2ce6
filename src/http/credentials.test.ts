import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
let other: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('admin');
  other = await server.createAccount('admin', { org: account.orgId });
});
afterAll(() => server.stop());

const encode = (text: string) => Buffer.from(text).toString('base64');
const whoami = (authorization: string) => server.client.get('/whoami', { headers: { authorization } });

describe('credentials that work', () => {
  it.each([
    ['Bearer', () => `Bearer ${account.apiKey}`],
    ['a lower-case scheme', () => `bearer ${account.apiKey}`],
    ['two spaces', () => `Bearer  ${account.apiKey}`],
    ['Basic', () => `Basic ${encode(`${account.email}:${account.apiKey}`)}`],
    [
      'Basic with the address as people type it',
      () => `BASIC ${encode(` ${account.email.toUpperCase()} :${account.apiKey}`)}`,
    ],
  ])('%s', async (_name, authorization) => {
    const { status, json } = await whoami(authorization());
    expect([status, json]).toEqual([200, { response: { email: account.email } }]);
  });
});

describe('credentials that do not', () => {
  it.each([
    ['empty', () => ''],
    ['a scheme alone', () => 'Bearer'],
    ['a key alone', () => account.apiKey],
    ['another scheme', () => `Digest ${account.apiKey}`],
    ['a comma list', () => `Bearer ${account.apiKey}, Basic x`],
    ['three words', () => `Bearer ${account.apiKey} x`],
    ['a cut key', () => `Bearer ${account.apiKey.slice(0, -1)}`],
    ['a longer key', () => `Bearer ${account.apiKey}A`],
    ['a key in other letters', () => `Bearer ${account.apiKey.toUpperCase()}`],
    ['an unknown key', () => `Bearer ct_${'A'.repeat(43)}`],
    ['another user’s address', () => `Basic ${encode(`${other.email}:${account.apiKey}`)}`],
    ['no address', () => `Basic ${encode(`:${account.apiKey}`)}`],
    ['no colon', () => `Basic ${encode(account.apiKey)}`],
    ['a password instead of the key', () => `Basic ${encode(`${account.email}:secret`)}`],
    ['a NUL', () => `Basic ${encode(`${account.email}\0:${account.apiKey}`)}`],
    ['no base64', () => `Basic ${account.email}:${account.apiKey}`],
    ['5,000 characters', () => `Bearer ct_${'A'.repeat(5000)}`],
    ['quotes', () => `Bearer "${account.apiKey}"`],
    ['SQL', () => "Bearer ct_' or '1'='1"],
  ])('%s', async (_name, authorization) => {
    const { status, headers, json } = await whoami(authorization());
    expect([status, json]).toEqual([401, { error: { generic: ['unauthorized'] } }]);
    expect(headers['www-authenticate']).toMatch(/^Bearer realm=".*Basic realm="/);
  });

  it('is refused before the body or a parameter is looked at', async () => {
    const { status } = await server.client.post('/api/products?x=1', {
      body: '{',
      headers: { authorization: 'Bearer x' },
    });
    expect(status).toBe(401);
  });
});

describe('a form of another site', () => {
  const refresh = async (site: string, authorization: (key: string, email: string) => string) => {
    const { apiKey, email } = await server.createAccount('member');
    const headers = { authorization: authorization(apiKey, email), 'sec-fetch-site': site };
    return (await server.client.post('/api_key', { headers })).status;
  };
  const basic = (key: string, email: string) => `Basic ${encode(`${email}:${key}`)}`;

  it('changes nothing with Basic credentials that the browser remembers', async () => {
    expect(await refresh('cross-site', basic)).toBe(401);
  });

  it('is not what a program sends, nor a script with a Bearer key', async () => {
    expect(await refresh('same-origin', basic)).toBe(200);
    expect(await refresh('cross-site', (key) => `Bearer ${key}`)).toBe(200);
  });
});

describe('the role', () => {
  it('lets a member not mint, even where the request is wrong otherwise too', async () => {
    const member = await server.createAccount('member', { org: account.orgId });
    const { status, json } = await server.client.post('/api/generate-download-url', { as: member.apiKey, json: {} });
    expect([status, json]).toEqual([403, { error: { generic: ['insufficient_role'] } }]);
  });
});
