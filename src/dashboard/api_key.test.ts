import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { newFormKey } from './submit_once.ts';

const PATH = '/dashboard/settings/api-key';
const REFRESH = `${PATH}/refresh`;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const keyIn = (html: string) => /value="(ct_[\w-]{43})"/.exec(html)?.[1];
const works = async (key: string) => (await server.client.get('/whoami', { as: key })).status === 200;

it('says whether there is a key and since when, and never shows it', async () => {
  const member = await server.createAccount('member');
  const browser = await signedIn(server, member);
  for (const path of [PATH, REFRESH, '/dashboard/applications']) {
    const { status, html } = await browser.get(path);
    expect([status, html.includes('ct_')]).toEqual([200, false]);
  }
  expect((await browser.get(PATH)).text).toMatch(/You have an API key, made on \d/);
  await server.deps.db
    .updateTable('users')
    .set({ api_key_hash: null, api_key_created_at: null })
    .where('id', '=', member.userId)
    .execute();
  expect((await browser.get(PATH)).text).toContain('You have no API key.');
  expect((await browser.get(REFRESH)).text).toContain('Create an API key?');
  expect(await works(keyIn((await browser.submit(REFRESH, { form_key: newFormKey(new Date()) })).html) ?? '')).toBe(
    true,
  );
});

it('re-creates the key once, however often the confirmation is sent, and kills the old one', async () => {
  const member = await server.createAccount('member');
  const browser = await signedIn(server, member);
  const fields = { form_key: newFormKey(new Date()) };
  const { html, text } = await browser.submit(REFRESH, fields);
  const key = keyIn(html) ?? '';
  expect([await works(key), await works(member.apiKey)]).toEqual([true, false]);
  expect(text).toContain('never again');
  const again = await browser.submit(REFRESH, fields);
  expect([again.status, again.headers['location']]).toEqual([303, `${PATH}?done=key_sent_before`]);
  expect((await browser.submit(REFRESH, {})).text).toContain('send it once more');
  expect(await works(key)).toBe(true);
  const events = await server.deps.db
    .selectFrom('events')
    .select('type')
    .where('user_id', '=', member.userId)
    .where('type', '=', 'api_key.refreshed')
    .execute();
  expect(events).toHaveLength(1);
});

it('shows a line for the shell that works for any address', async () => {
  const member = await server.createAccount('member');
  const email = `o'brien@${member.orgId}.example`;
  await server.deps.db.updateTable('users').set({ email }).where('id', '=', member.userId).execute();
  const { html } = await (await signedIn(server, member)).submit(REFRESH, { form_key: newFormKey(new Date()) });
  const line = /[">](curl [^"<]*)["<]/.exec(html)?.[1]?.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  expect(line).toBe(`curl -i -u 'o'\\''brien@${member.orgId}.example:${keyIn(html)}' ${server.url}/whoami`);
});
