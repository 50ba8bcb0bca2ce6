import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { createRunner, type TestRunner, type TestTask } from '../testing/builds.ts';
import type { PageClient } from '../testing/pages.ts';
import { addCollaborator, createTestProject, createTestSuite } from '../testing/projects.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

let admin: NewAccount;
let browser: PageClient;
let project: string;
let runner: TestRunner;
let path: string;
beforeEach(async () => {
  admin = await server.createAccount('admin');
  browser = await signedIn(server, admin);
  project = (await createTestProject(server.deps, admin)).row.id;
  runner = await createRunner(server, admin);
  path = `/dashboard/projects/${project}`;
});

async function ask(fields: Record<string, string> = {}): Promise<string> {
  const { headers } = await browser.submit(`${path}/build`, { ref: 'main', ...fields }, { from: path });
  return String(headers.location);
}

/** A build that a runner has begun: its page and its task. */
async function begun(): Promise<{ page: string; task: TestTask; requestPage: string }> {
  await createTestSuite(server.deps, admin, project, { name: 'npm test' });
  const requestPage = await ask();
  await runner.resolve(await runner.take());
  const task = await runner.take();
  return { page: `/dashboard/builds/${task['build'].id_str}`, task, requestPage };
}

describe('a build request', () => {
  it('is asked for, followed and retried', async () => {
    await createTestSuite(server.deps, admin, project, { name: 'npm test' });
    const page = await ask({ ref: 'release/1' });
    expect((await browser.get(page)).text).toContain('Looking for the commit');
    await runner.resolve(await runner.take());
    expect((await browser.get(page)).text).toContain('Tune the kick drum');
    expect((await browser.get(page)).text).toContain('Waiting for a runner');
    await runner.finish(await runner.take(), { exit_code: 3 });
    const ended = await browser.get(page);
    expect(ended.text).toContain('The command ended with exit code 3.');
    expect(ended.html).toContain('<span class="tag bad">Failed</span>');
    expect((await browser.get(path)).text).toContain('release/1 by dashboard Failed 0 of 1 succeeded');
    const again = await browser.submit(`${page}/retry`, {}, { from: page });
    expect(again.headers.location).toMatch(/^\/dashboard\/build-requests\/\d+\?done=build_retried$/);
    expect((await browser.get(String(again.headers.location))).html).toContain(`href="${page}"`);
  });

  it('is cancelled, and cannot be retried before', async () => {
    const page = await ask();
    expect((await browser.submit(`${page}/retry`, {}, { from: page })).status).toBe(409);
    const { headers } = await browser.submit(`${page}/cancel`, {}, { from: page });
    expect((await browser.get(String(headers.location))).text).toContain('Cancelled');
  });

  it('names what is wrong with it', async () => {
    const wrong = await browser.submit(`${path}/build`, { ref: '--upload-pack=x' }, { from: path });
    expect([wrong.status, wrong.text.includes('Take a branch, a tag')]).toEqual([422, true]);
  });

  it('publishes, where a project makes one artifact', async () => {
    const { product } = await server.publishSmall(admin);
    expect((await browser.get(path)).html).not.toContain('name="product_id"');
    await createTestSuite(server.deps, admin, project, { artifact_path: 'dist' });
    expect((await browser.get(path)).html).toContain('name="product_id"');
    const fields = { ref: 'main', product_id: product, activate: 'on' };
    const wrong = await browser.submit(`${path}/build`, { ...fields, version: '' }, { from: path });
    expect([
      wrong.status,
      wrong.html.includes('id="publish.version-error"') || wrong.text.includes('Say which number'),
    ]).toEqual([422, true]);
    const page = await ask({ ...fields, version: '7.0.0' });
    expect((await browser.get(page)).text).toContain(`Publishes ${product} 7.0.0 as the active version`);
  });

  it('that publishes is not for collaborators', async () => {
    const guest = await server.createAccount('owner');
    await addCollaborator(
      server.deps,
      { id: project, organisation_id: admin.orgId },
      { email: guest.email, user: guest.userId },
    );
    const theirs = await signedIn(server, guest);
    const fields = { ref: 'main', product_id: 'x', version: '1' };
    expect((await theirs.submit(`${path}/build`, fields, { from: path })).status).toBe(403);
    const { headers } = await theirs.submit(`${path}/build`, { ref: 'main' }, { from: path });
    const page = String(headers.location);
    expect((await theirs.get(page)).status).toBe(200);
    expect((await theirs.submit(`${page}/cancel`, {}, { from: page })).status).toBe(303);
    const stranger = await signedIn(server, await server.createAccount('owner'));
    expect((await stranger.get(page)).status).toBe(404);
    expect((await stranger.submit(`${page}/cancel`, {}, { from: '/dashboard/projects' })).status).toBe(404);
  });
});

describe('the page of a build', () => {
  it('shows the log, escaped and without commands for terminals', async () => {
    const { page, task } = await begun();
    await runner.log(task, 0, '\x1b[32m✓\x1b[0m <script>alert(1)</script>\r\nhalf a li\x1b[3');
    const { html, headers } = await browser.get(page);
    expect(html).toContain('<code>✓ &lt;script>alert(1)&lt;/script>\nhalf a li</code>');
    expect(headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'; .*connect-src 'self'/);
    const from = Buffer.byteLength('\x1b[32m✓\x1b[0m <script>alert(1)</script>\r\nhalf a li');
    expect(html).toContain(`data-follow="${page}/log?from=${from}"`);
  });

  it('shows the end of a long log, and the whole of it elsewhere', async () => {
    const { page, task } = await begun();
    const lines = Array.from({ length: 20_000 }, (_none, n) => `line ${n}\n`).join('');
    await runner.log(task, 0, lines);
    await runner.finish(task);
    const { text, html } = await browser.get(page);
    expect([text.includes('line 19999'), /line 1\n/.test(html)]).toEqual([true, false]);
    expect(text).toMatch(/The first \d+ KiB are left out here/);
    expect(html).not.toContain('data-follow');
    const whole = await browser.get(`${page}/log.txt`);
    expect([whole.headers['content-type'], whole.html === lines]).toEqual(['text/plain; charset=utf-8', true]);
  });

  it('is nobody else’s', async () => {
    const { page } = await begun();
    const stranger = await signedIn(server, await server.createAccount('owner'));
    for (const closed of [page, `${page}/log`, `${page}/log.txt`])
      expect((await stranger.get(closed)).status).toBe(404);
  });
});

interface Told {
  readonly type: string;
  readonly id: string;
  readonly data: unknown;
}

/** Reads server-sent events as a browser does (HTML, "Server-sent events"), until it has `count`, or all there are. */
function listen(from: string, count: number, headers: Record<string, string> = {}): Promise<Told[]> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${from}`, { headers: { cookie, ...headers } }, (response) => {
      expect(response.headers['content-type']).toBe('text/event-stream');
      let text = '';
      const told = () =>
        text
          .split('\n\n')
          .slice(0, -1)
          .map(eventOf)
          .filter(({ data }) => data !== undefined);
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (told().length >= count) sent.destroy();
      });
      response.on('close', () => resolve(told()));
    });
    sent.on('error', reject).end();
  });
}

function eventOf(block: string): Told {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const data = fields['data'] === undefined ? undefined : (JSON.parse(fields['data']) as unknown);
  return { type: fields['event'] ?? 'message', id: fields['id'] ?? '', data };
}

describe('the live log', () => {
  it('goes on from where the page ends, until the build does', async () => {
    const { page, task } = await begun();
    await runner.log(task, 0, 'one\n');
    const { html } = await browser.get(page);
    const follow = /data-follow="([^"]+)"/.exec(html)?.[1] ?? '';
    const told = listen(follow, Infinity);
    await runner.log(task, 4, 'two \x1b[1mbold\x1b');
    await runner.log(task, 17, '[0m three');
    await runner.finish(task);
    const events = await told;
    expect(
      events
        .filter(({ type }) => type === 'message')
        .map(({ data }) => data)
        .join(''),
    ).toBe('two bold three');
    expect(events.at(-1)).toEqual({ type: 'end', id: '', data: { label: 'Succeeded', tone: 'good' } });
    expect(events.findLast(({ type }) => type === 'message')?.id).toBe('26');
  });

  it('resumes where the browser says that it was', async () => {
    const { page, task } = await begun();
    await runner.log(task, 0, 'one\ntwo\n');
    await runner.finish(task, { exit_code: 1 });
    const events = await listen(`${page}/log?from=0`, Infinity, { 'last-event-id': '4' });
    expect(events).toEqual([
      { type: 'message', id: '8', data: 'two\n' },
      { type: 'end', id: '', data: { label: 'Failed', tone: 'bad' } },
    ]);
  });
});

it('the profile page says which mails about builds a user gets', async () => {
  const profile = '/dashboard/settings/profile';
  const { headers } = await browser.submit(`${profile}/build-mails`, { build_mails: 'failures' }, { from: profile });
  expect(headers.location).toBe(`${profile}?done=build_mails_set`);
  expect((await browser.get(profile)).html).toMatch(
    /<input[^>]*value="failures"[^>]*checked|checked[^>]*value="failures"/,
  );
  const { json } = await server.client.get('/user/notifications', { as: admin.apiKey });
  expect(json.response.builds).toBe('failures');
  expect((await browser.submit(`${profile}/build-mails`, { build_mails: 'x' }, { from: profile })).status).toBe(400);
});
