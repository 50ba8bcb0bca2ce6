import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeScope } from '../oauth2/scopes.ts';
import { createAccessToken } from '../testing/applications.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

const PATH = '/dashboard/authorizations';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const works = async (token: string) => (await server.client.get('/whoami', { as: token })).status === 200;
const revokePaths = (html: string) => [...html.matchAll(/action="([^"]*\/revoke)"/g)].map(([, path]) => path ?? '');

it('lists what the user granted, in words, whatever the application is called', async () => {
  const member = await server.createAccount('member');
  await createAccessToken(server.deps, member, ['user', 'build_requests_create']);
  const name = '<script>alert(1)</script> مرحبا';
  await server.deps.db.updateTable('applications').set({ name }).where('organisation_id', '=', member.orgId).execute();
  const { status, html, text } = await (await signedIn(server, member)).get(PATH);
  expect(status).toBe(200);
  for (const words of [name, describeScope('user'), describeScope('build_requests_create'), member.orgId])
    expect(text).toContain(words);
  expect(html).not.toContain('<script');
});

it('revokes one, and with it each of its tokens, at once and once', async () => {
  const member = await server.createAccount('member');
  const [kept, revoked] = [
    await createAccessToken(server.deps, member, ['user']),
    await createAccessToken(server.deps, member, ['user']),
  ];
  const browser = await signedIn(server, member);
  const [newest = ''] = revokePaths((await browser.get(PATH)).html);
  const answers = await Promise.all([1, 2].map(() => browser.submit(newest, {}, { from: PATH })));
  for (const { status, headers } of answers)
    expect([status, headers['location']]).toEqual([303, `${PATH}?done=authorization_revoked`]);
  expect([await works(kept), await works(revoked)]).toEqual([true, false]);
  expect(revokePaths((await browser.get(PATH)).html)).toHaveLength(1);
  const query = server.deps.db.selectFrom('events').select(['type', 'data']).where('user_id', '=', member.userId);
  const events = await query.where('type', '=', 'authorization.revoked').execute();
  const id = newest.split('/').at(-2);
  expect(events.map(({ data }) => data)).toEqual([expect.objectContaining({ authorization_id: id })]);
});

it('shows and revokes nothing of another user', async () => {
  const owner = await server.createAccount('owner');
  const colleague = await server.createAccount('owner', { org: owner.orgId });
  const token = await createAccessToken(server.deps, owner, ['user']);
  const [path = ''] = revokePaths((await (await signedIn(server, owner)).get(PATH)).html);
  const other = await signedIn(server, colleague);
  expect((await other.get(PATH)).text).toContain('You have granted nothing');
  await other.submit(path, {}, { from: PATH });
  await other.submit(`${PATH}/9223372036854775808/revoke`, {}, { from: PATH });
  expect(await works(token)).toBe(true);
});
