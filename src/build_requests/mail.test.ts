import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { createRunner, type TestRunner } from '../testing/builds.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import { addCollaborator, createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let admin: NewAccount;
let runner: TestRunner;
let project: { id: string; organisation_id: string };
beforeEach(async () => {
  admin = await server.createAccount('admin');
  runner = await createRunner(server, admin);
  project = (await createTestProject(server.deps, admin, { name: 'Drums <b>' })).row;
});

const wish = (account: NewAccount, builds: string) =>
  server.client.put('/user/notifications', { as: account.apiKey, json: { builds } });

async function ask(): Promise<string> {
  const sent = { as: admin.apiKey, json: { ref: 'main' } };
  return (await server.client.post(`/projects/${project.id}/build_requests`, sent)).json.response.id_str;
}

async function build(exitCode: number): Promise<string> {
  const id = await ask();
  await runner.resolve(await runner.take());
  await runner.finish(await runner.take(), { exit_code: exitCode });
  return id;
}

/** Subjects of the mails to the account. */
const told = async ({ email }: NewAccount): Promise<string[]> =>
  (await sentMail(server)).filter(({ to }) => to === email).map(({ subject }) => subject);

describe('whoever wants mail about builds', () => {
  it('gets it when one fails, or when any ends, as chosen; others get none', async () => {
    const [all, none] = [
      await server.createAccount('member', { org: admin.orgId }),
      await server.createAccount('member', { org: admin.orgId }),
    ];
    await wish(admin, 'failures');
    await wish(all, 'all');
    await createTestSuite(server.deps, admin, project.id, { name: 'npm test' });
    await build(0);
    const id = await build(1);
    expect(await told(none)).toEqual([]);
    expect(await told(admin)).toEqual(['[Drums <b>] The build of main failed']);
    expect(await told(all)).toEqual([
      '[Drums <b>] The build of main succeeded',
      '[Drums <b>] The build of main failed',
    ]);
    const mail = (await sentMail(server)).find(({ to }) => to === admin.email);
    if (!mail) throw new Error('no mail');
    expect(mail.text).toContain('What failed: npm test.');
    expect(mail.html).toContain('Drums &lt;b>');
    expect(linkIn(mail)).toBe(`/dashboard/build-requests/${id}`);
  });

  it('is told why there was nothing to build, or no commit', async () => {
    await wish(admin, 'failures');
    await ask();
    await runner.resolve(await runner.take());
    await ask();
    await runner.resolve(await runner.take(), { error: { code: 'ref_not_found', message: 'No main.' } });
    expect(await told(admin)).toEqual([
      '[Drums <b>] The build of main found no suites',
      '[Drums <b>] The build of main failed',
    ]);
    const [, last] = (await sentMail(server)).filter(({ to }) => to === admin.email);
    expect(last?.text).toContain('The reason: ref_not_found. No main.');
  });

  it('is told that one was cancelled only where all is told, and once', async () => {
    const all = await server.createAccount('member', { org: admin.orgId });
    await wish(admin, 'failures');
    await wish(all, 'all');
    const id = await ask();
    for (const _time of [1, 2]) await server.client.post(`/build_requests/${id}/cancel`, { as: admin.apiKey });
    expect(await told(admin)).toEqual([]);
    expect(await told(all)).toEqual(['[Drums <b>] The build of main was cancelled']);
  });

  it('is a collaborator, too, unless suspended, invited only, or somebody else', async () => {
    const [guest, suspended, invited, stranger] = await Promise.all(
      ['', '', '', ''].map(() => server.createAccount('owner')),
    );
    for (const account of [guest, suspended, invited, stranger]) if (account) await wish(account, 'all');
    if (!guest || !suspended || !invited || !stranger) throw new Error('no account');
    for (const { email, userId } of [guest, suspended])
      await addCollaborator(server.deps, project, { email, user: userId });
    await addCollaborator(server.deps, project, { email: invited.email });
    await setStanding(server.deps, suspended.orgId, { suspended: true });
    await server.client.post(`/build_requests/${await ask()}/cancel`, { as: admin.apiKey });
    expect(await told(guest)).toHaveLength(1);
    for (const account of [suspended, invited, stranger]) expect(await told(account)).toEqual([]);
  });
});
