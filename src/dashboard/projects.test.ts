import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import { linkIn, sentMail } from '../testing/mail.ts';
import type { PageClient } from '../testing/pages.ts';
import { addCollaborator, createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

let server: TestServer;
let admin: NewAccount;
let browser: PageClient;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  browser = await signedIn(server, admin);
});
afterAll(() => server.stop());

const PATH = '/dashboard/projects';
const URL = 'git@git.example.com:team/drums.git';

async function keyOf(path: string): Promise<string> {
  return /name="form_key" value="([^"]+)"/.exec((await browser.get(path)).html)?.[1] ?? '';
}

const eventsOf = async (account: NewAccount): Promise<string[]> =>
  (await server.client.get('/events', { as: account.apiKey })).json.response.map(({ type }: { type: string }) => type);

describe('a project', () => {
  it('is created, and shows its secrets and what is left to do once', async () => {
    const key = await keyOf(`${PATH}/new`);
    const fields = {
      form_key: key,
      name: 'Drums',
      repository_url: URL,
      branches: 'main\r\nrelease/*\r\n',
      key_type: 'ed25519',
    };
    const made = await browser.submit(`${PATH}/new`, fields);
    expect(made.status).toBe(200);
    expect(made.html).toMatch(/value="cth_[\w-]{43}"/);
    expect(made.html).toMatch(/>ssh-ed25519 AAAA/);
    expect(made.html).toMatch(new RegExp(`value="${server.url}/hooks/github/\\d+"`));
    const again = await browser.submit(`${PATH}/new`, fields);
    expect([again.status, again.html.includes('cth_')]).toEqual([303, false]);
    const list = await browser.get(String(again.headers.location));
    expect(list.text).toContain(`Drums ${URL}`);
    expect(list.html.match(/href="\/dashboard\/projects\/\d+"/g)).toHaveLength(1);
    const path = /href="(\/dashboard\/projects\/\d+)"/.exec(list.html)?.[1] ?? '';
    const page = await browser.get(path);
    expect([page.status, page.html.includes('cth_')]).toEqual([200, false]);
    expect(page.text).toContain('Pushes to these branches build: main, release/*.');
    expect(page.text).toContain('add a suite');
  });

  it('says what is wrong with it', async () => {
    const key = await keyOf(`${PATH}/new`);
    const blank = await browser.submit(`${PATH}/new`, { form_key: key, name: '', repository_url: URL });
    expect([blank.status, blank.text.includes('Give it a name.')]).toEqual([422, true]);
    const fields = { form_key: key, name: 'Drums', repository_url: 'ext::sh -c id', branches: '-x' };
    const { status, text } = await browser.submit(`${PATH}/new`, fields);
    expect(status).toBe(422);
    for (const said of ['Take an address such as', 'the name of a branch']) expect(text).toContain(said);
  });

  it('is changed, gets another hook secret, and is deleted', async () => {
    const { row, secret } = await createTestProject(server.deps, admin, {
      name: 'Changing',
      known_hosts: 'h ssh-ed25519 A',
    });
    const path = `${PATH}/${row.id}`;
    const settings = await browser.get(`${path}/settings`);
    expect(settings.text).toContain('h ssh-ed25519 A');
    const fields = { name: 'Changed', repository_url: 'git@other.example.com:x', known_hosts: 'h ssh-ed25519 A' };
    const saved = await browser.submit(`${path}/settings`, fields);
    expect(saved.headers.location).toBe(`${path}?done=project_updated`);
    const { json } = await server.client.get(`/projects/${row.id}`, { as: admin.apiKey });
    expect(json.response).toMatchObject({ name: 'Changed', repository_url: fields.repository_url, known_hosts: '' });
    const wrong = await browser.submit(`${path}/settings`, { ...fields, repository_url: 'file:///etc' });
    expect([wrong.status, wrong.text.includes('Take an address')]).toEqual([422, true]);

    const key = await keyOf(`${path}/hook-secret`);
    const renewed = await browser.submit(`${path}/hook-secret`, { form_key: key });
    expect(renewed.html).toMatch(/value="cth_[\w-]{43}"/);
    expect(renewed.html).not.toContain(secret);
    expect((await browser.submit(`${path}/hook-secret`, { form_key: key })).status).toBe(303);

    const gone = await browser.submit(`${path}/delete`);
    expect(gone.headers.location).toBe(`${PATH}?done=project_deleted`);
    expect((await browser.get(path)).status).toBe(404);
    expect((await browser.submit(`${path}/delete`, {}, { from: PATH })).headers.location).toContain('project_deleted');
  });

  it('cannot be created by who owes money', async () => {
    const poor = await server.createAccount('owner', { billing: 'overdue' });
    expect((await (await signedIn(server, poor)).get(`${PATH}/new`)).status).toBe(402);
  });
});

describe('suites', () => {
  let path: string;
  beforeEach(async () => {
    path = `${PATH}/${(await createTestProject(server.deps, admin)).row.id}`;
  });

  const SUITE = {
    name: 'npm test',
    command: 'npm ci\r\nnpm test',
    environment: 'CI=true\r\nA=b=c ',
    timeout_seconds: '60',
  };

  it('are added, changed and deleted', async () => {
    const added = await browser.submit(`${path}/suites/new`, SUITE);
    expect(added.headers.location).toMatch(/\/suites\/\d+\?done=suite_created$/);
    const suite = String(added.headers.location).replace(/\?.*/, '');
    const api = suite.replace('/dashboard', '');
    const read = async () => (await server.client.get(api, { as: admin.apiKey })).json.response;
    expect(await read()).toMatchObject({
      ...{ name: 'npm test', command: 'npm ci\nnpm test', environment: { CI: 'true', A: 'b=c ' } },
      ...{ timeout_seconds: 60, artifact_path: '' },
    });
    const saved = await browser.submit(suite, { ...SUITE, artifact_path: 'dist', environment: '' });
    expect(saved.headers.location).toBe(`${suite}?done=suite_updated`);
    expect(await read()).toMatchObject({ artifact_path: 'dist', environment: {} });
    expect((await browser.get(path)).text).toContain('npm test artifact dist');
    const gone = await browser.submit(`${suite}/delete`);
    expect(gone.headers.location).toBe(`${path}?done=suite_deleted`);
    expect((await browser.get(suite)).status).toBe(404);
  });

  it('say what is wrong with them', async () => {
    const wrong = { name: '', command: ' ', environment: 'nothing', timeout_seconds: 'x', artifact_path: '../x' };
    const { status, text } = await browser.submit(`${path}/suites/new`, wrong);
    expect([status, text.includes('one NAME=value per line')]).toEqual([422, true]);
    const rest = await browser.submit(`${path}/suites/new`, { ...wrong, environment: '' });
    for (const said of ['Give it a name.', 'Between 1 second']) expect(rest.text).toContain(said);
    for (const environment of ['A=1\r\nA=2', '1A=x']) {
      const answer = await browser.submit(`${path}/suites/new`, { ...SUITE, environment });
      expect([answer.status, answer.text.includes('NAME=value per line')]).toEqual([422, true]);
    }
    await browser.submit(`${path}/suites/new`, SUITE);
    expect((await browser.submit(`${path}/suites/new`, SUITE)).text).toContain('has a suite of this name');
  });

  it('keep an environment that the form cannot show', async () => {
    const environment = { KEY: 'two\nlines' };
    const { id } = await createTestSuite(server.deps, admin, path.slice(PATH.length + 1), { environment });
    const suite = `${path}/suites/${id}`;
    expect((await browser.get(suite)).text).toContain('change it through the API');
    const { environment: _none, ...fields } = SUITE;
    await browser.submit(suite, fields);
    const { json } = await server.client.get(suite.replace('/dashboard', ''), { as: admin.apiKey });
    expect(json.response).toMatchObject({ name: 'npm test', environment });
  });

  it('show the names of secrets, never their values', async () => {
    const { id } = await createTestSuite(server.deps, admin, path.slice(PATH.length + 1));
    const suite = `${path}/suites/${id}`;
    const set = await browser.submit(
      `${suite}/secrets`,
      { secret_name: 'TOKEN', value: 'abracadabra' },
      { from: suite },
    );
    const page = await browser.get(String(set.headers.location));
    expect([page.text.includes('TOKEN'), page.html.includes('abracadabra')]).toEqual([true, false]);
    const wrong = await browser.submit(`${suite}/secrets`, { secret_name: '1X', value: '' }, { from: suite });
    expect([wrong.status, wrong.html.includes('id="value-error"')]).toEqual([422, true]);
    const member = await signedIn(server, await server.createAccount('member', { org: admin.orgId }));
    expect((await member.get(suite)).text).toContain('Admins set and remove them.');
    expect((await member.submit(`${suite}/secrets`, { secret_name: 'A', value: 'b' }, { from: suite })).status).toBe(
      403,
    );
    const removed = await browser.submit(`${suite}/secrets/TOKEN/remove`, {}, { from: suite });
    expect((await browser.get(String(removed.headers.location))).text).toContain('No secrets yet');
  });
});

describe('collaborators', () => {
  it('are invited, accept, see the project without what is not theirs, and leave', async () => {
    const { row } = await createTestProject(server.deps, admin, { name: 'Shared drums' });
    const path = `${PATH}/${row.id}`;
    const guest = await server.createAccount('owner');
    const theirs = await signedIn(server, guest);
    expect((await theirs.get(path)).status).toBe(404);
    const invited = await browser.submit(`${path}/collaborators`, { email: guest.email }, { from: path });
    expect(invited.headers.location).toBe(`${path}?done=collaborator_invited`);
    const again = await browser.submit(`${path}/collaborators`, { email: guest.email }, { from: path });
    expect([again.status, again.text.includes('has access already, or is invited')]).toEqual([422, true]);

    const mail = (await sentMail(server)).find(({ to }) => to === guest.email);
    if (!mail) throw new Error('no mail');
    const page = await theirs.get(linkIn(mail));
    expect(page.text).toContain('Shared drums');
    const accept = /action="([^"]+\/accept)"/.exec(page.html)?.[1] ?? '';
    const accepted = await theirs.submit(accept, {}, { from: linkIn(mail) });
    expect(accepted.headers.location).toBe(`${path}?done=collaboration_accepted`);

    const seen = await theirs.get(path);
    expect(seen.text).toContain('You are a collaborator of this project');
    for (const hidden of ['Webhook URL', 'Invite', 'Add a suite', '/settings"'])
      expect(seen.html).not.toContain(hidden);
    for (const closed of ['settings', 'hook-secret', 'delete', 'suites/new'])
      expect((await theirs.get(`${path}/${closed}`)).status).toBe(403);
    for (const closed of ['settings', 'hook-secret', 'delete', 'suites/new', 'collaborators'])
      expect((await theirs.submit(`${path}/${closed}`, {}, { from: path })).status).toBe(403);
    expect((await theirs.get(PATH)).text).toContain('Shared drums Collaborator');

    const leave = accept.replace(/accept$/, 'leave');
    const left = await theirs.submit(leave, {}, { from: linkIn(mail) });
    expect(left.headers.location).toContain('collaboration_left');
    expect((await theirs.submit(leave, {}, { from: linkIn(mail) })).headers.location).toContain('collaboration_left');
    expect((await theirs.get(path)).status).toBe(404);
    expect(await eventsOf(admin)).toEqual(expect.arrayContaining(['collaborator.accepted', 'collaborator.removed']));
  });

  it('are removed', async () => {
    const { row } = await createTestProject(server.deps, admin);
    const guest = await server.createAccount('member');
    const id = await addCollaborator(server.deps, row, { email: guest.email, user: guest.userId });
    const path = `${PATH}/${row.id}`;
    const removed = await browser.submit(`${path}/collaborators/${id}/remove`, {}, { from: path });
    expect(removed.headers.location).toBe(`${path}?done=collaborator_removed`);
    expect((await (await signedIn(server, guest)).get(path)).status).toBe(404);
  });

  it('work on though their own organisation owes money, but not where the owner does', async () => {
    const owner = await server.createAccount('owner');
    const { row } = await createTestProject(server.deps, owner);
    const guest = await server.createAccount('member', { billing: 'overdue' });
    await addCollaborator(server.deps, row, { email: guest.email, user: guest.userId });
    const theirs = await signedIn(server, guest);
    const path = `${PATH}/${row.id}`;
    const build = () => theirs.submit(`${path}/build`, { ref: 'main' }, { from: path });
    expect((await build()).headers.location).toMatch(/^\/dashboard\/build-requests\/\d+$/);
    await setStanding(server.deps, owner.orgId, { billing: 'overdue' });
    expect((await build()).status).toBe(402);
  });
});

describe('runners', () => {
  const RUNNERS = '/dashboard/runners';

  it('are registered, shown with a command to paste once, and revoked', async () => {
    const key = await keyOf(RUNNERS);
    const made = await browser.submit(RUNNERS, { form_key: key, name: 'mac mini' });
    const token = /value="(ctr_[\w-]{43})"/.exec(made.html)?.[1] ?? '';
    expect(made.html).toContain(`CONTINUITY_RUNNER_TOKEN=${token} npx continuity runner`);
    const lease = () => server.client.post('/runner/lease', { as: token, json: {} });
    expect((await lease()).status).toBe(200);
    expect((await browser.submit(RUNNERS, { form_key: key, name: 'mac mini' })).status).toBe(303);
    const page = await browser.get(RUNNERS);
    expect([page.html.includes('ctr_'), page.text.includes('mac mini')]).toEqual([false, true]);
    expect(page.text).not.toContain('never');
    const revoke = /action="([^"]+\/revoke)"/.exec(page.html)?.[1] ?? '';
    expect((await browser.submit(revoke, {}, { from: RUNNERS })).headers.location).toContain('runner_revoked');
    expect((await lease()).status).toBe(401);
    expect((await browser.submit(revoke, {}, { from: RUNNERS })).headers.location).toContain('runner_revoked');
  });

  it('want a name, and an admin', async () => {
    const { status, text } = await browser.submit(RUNNERS, { form_key: await keyOf(RUNNERS), name: ' ' });
    expect([status, text.includes('Please fill this in.')]).toEqual([422, true]);
    const member = await signedIn(server, await server.createAccount('member', { org: admin.orgId }));
    expect((await member.get(RUNNERS)).status).toBe(403);
  });
});
