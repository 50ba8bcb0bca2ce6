import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { register } from '../applications/actions.ts';
import type { NewAccount } from '../organisations/actions.ts';
import type { PageClient } from '../testing/pages.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { hashSecret } from '../users/principal.ts';
import { newFormKey } from './submit_once.ts';

const LIST = '/dashboard/applications';
const NEW = `${LIST}/new`;
const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

let server: TestServer;
let admin: NewAccount;
let browser: PageClient;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
  browser = await signedIn(server, admin);
});
afterAll(() => server.stop());

const key = () => newFormKey(new Date());
const filled = (name: string, more: Record<string, string> = {}) => ({
  form_key: key(),
  name,
  description: '',
  type: 'confidential',
  redirect_uris: OUT_OF_BAND,
  ...more,
});
const secretIn = (html: string) => /cts_[\w-]{43}/.exec(html)?.[0] ?? '';
const registered = async (name: string, { orgId, userId } = admin) => {
  const actor = { organisationId: orgId, userId };
  return register(server.deps.db, server.deps, actor, { name, redirect_uris: [OUT_OF_BAND] });
};
const rowsNamed = (name: string) =>
  server.deps.db.selectFrom('applications').selectAll().where('name', '=', name).execute();

describe('creating an application', () => {
  it('shows client ID and secret in answer to the form, and nowhere else', async () => {
    const fresh = /name="form_key" value="([^"]+)"/.exec((await browser.get(NEW)).html)?.[1] ?? '';
    const { status, headers, html } = await browser.submit(NEW, filled('Once', { form_key: fresh }));
    const [row] = await rowsNamed('Once');
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(html).toContain(`value="${row?.id}"`);
    expect(row?.secret_hash).toEqual(hashSecret(secretIn(html)));
    for (const path of [LIST, `${LIST}/${row?.id}`]) expect(secretIn((await browser.get(path)).html)).toBe('');
  });

  it('makes one application of a form that is sent again, or twice at once, and shows the secret once', async () => {
    const fields = filled('Reloaded');
    const answers = await Promise.all([1, 2].map(() => browser.submit(NEW, fields)));
    answers.push(await browser.submit(NEW, fields));
    expect(answers.filter(({ html }) => secretIn(html) !== '')).toHaveLength(1);
    const others = answers.filter(({ status }) => status !== 200);
    expect(others.map(({ headers }) => headers['location'])).toEqual(
      Array(2).fill(`${LIST}?done=application_sent_before`),
    );
    expect(await rowsNamed('Reloaded')).toHaveLength(1);
    const said = (await browser.get(`${LIST}?done=application_sent_before`)).text;
    expect(said).toContain('This form was sent before');
  });

  it.each([
    ['was opened long ago', () => newFormKey(new Date(Date.now() - 21 * 60 * 60 * 1000))],
    ['is from the future', () => newFormKey(new Date(Date.now() + 60 * 60 * 1000))],
    ['has no key', () => ''],
    ['has a key of its own', () => 'x'],
  ])('shows a form that %s once more, as it was typed', async (_what, form_key) => {
    const { status, html } = await browser.submit(NEW, filled('Stale', { form_key: form_key() }));
    expect([status, html.includes('value="Stale"')]).toEqual([422, true]);
    expect(await rowsNamed('Stale')).toEqual([]);
  });

  it('shows a form that comes back with other words once more', async () => {
    const fields = filled('First words');
    await browser.submit(NEW, fields);
    const { status, text } = await browser.submit(NEW, { ...fields, name: 'Other words' });
    expect([status, await rowsNamed('Other words')]).toEqual([422, []]);
    expect(text).toContain('send it once more');
  });

  it('takes several redirect URIs, one per line, and gives a public application no secret', async () => {
    const uris = ['http://127.0.0.1/callback', 'com.example.app:/callback'];
    const more = { type: 'public', implicit: 'on', redirect_uris: `\r\n ${uris.join(' \r\n\r\n')}\r\n` };
    const { html } = await browser.submit(NEW, filled('  Public one ', more));
    expect(secretIn(html)).toBe('');
    const [row] = await rowsNamed('Public one');
    expect(row).toMatchObject({ confidential: false, implicit: true, redirect_uris: uris, secret_hash: null });
  });

  it('says at the fields what is wrong, and keeps what was typed', async () => {
    const redirect_uris = ['https://a.example/cb', 'javascript:alert(1)', 'https://a.example/cb'].join('\r\n');
    const fields = filled('Kept', { description: '<b>', type: 'public', implicit: 'on', redirect_uris });
    const { status, html, text } = await browser.submit(NEW, fields);
    expect(status).toBe(422);
    expect(text).toMatch(/This cannot be used: .javascript:alert\(1\)/);
    expect(text).toMatch(/This is there twice: .https:\/\/a\.example\/cb/);
    expect(html).toMatch(/<textarea[^>]*name="redirect_uris"[^>]*aria-invalid/);
    for (const kept of ['value="Kept"', '&lt;b>', 'javascript:alert(1)\nhttps://a.example/cb</textarea>'])
      expect(html).toContain(kept);
    expect(html).toMatch(/<input[^>]*value="public"[^>]*\bchecked/);
    expect(html).toMatch(/<input[^>]*name="implicit"[^>]*\bchecked/);
    expect(await rowsNamed('Kept')).toEqual([]);
  });

  it.each([
    [{ name: ' ' }, 'Give it a name.'],
    [{ name: 'a'.repeat(101) }, 'at most 100 characters'],
    [{ description: 'a'.repeat(1001) }, 'at most 1000 characters'],
    [{ redirect_uris: ' \r\n' }, 'Enter at least one.'],
    [{ redirect_uris: Array.from({ length: 21 }, (_, n) => `https://a.example/${n}`).join('\n') }, 'Enter 20 at most.'],
    [{ redirect_uris: `https://a.example/${'a'.repeat(2000)}` }, 'This cannot be used'],
  ])('refuses %j', async (change, sentence) => {
    const { status, text } = await browser.submit(NEW, filled('Refused', change));
    expect([status, text.includes(sentence)]).toEqual([422, true]);
  });

  it('is stopped by an open invoice', async () => {
    const owner = await server.createAccount('owner');
    const owing = await signedIn(server, owner);
    const csrf = /name="csrf" value="([^"]+)"/.exec((await owing.get(LIST)).html)?.[1] ?? '';
    const { db } = server.deps;
    await db.updateTable('organisations').set({ billing: 'overdue' }).where('id', '=', owner.orgId).execute();
    expect((await owing.get(NEW)).status).toBe(402);
    expect((await owing.submit(NEW, filled('Unpaid', { csrf }))).status).toBe(402);
    expect(await rowsNamed('Unpaid')).toEqual([]);
  });
});

describe('the list', () => {
  it('shows names as text, whatever they are', async () => {
    const other = await server.createAccount('admin');
    const names = ['<script>alert(1)</script>', 'مرحبا', '"><img src=x>', 'n'.repeat(100)];
    for (const name of names) await registered(name, other);
    const { html, text } = await (await signedIn(server, other)).get(LIST);
    for (const name of names) expect(text).toContain(name);
    expect(html).toContain('<bdi>مرحبا</bdi>');
    expect(html).not.toMatch(/<script|<img/);
    expect(text).not.toContain('Reloaded');
  });

  it('goes on where a page ends', async () => {
    const other = await server.createAccount('admin');
    for (let n = 1; n <= 51; n += 1) await registered(`Number ${n}.`, other);
    const paging = await signedIn(server, other);
    const first = await paging.get(LIST);
    const older = /href="([^"]*cursor=[^"]*)"/.exec(first.html)?.[1] ?? '';
    const second = await paging.get(older);
    expect([first.text.includes('Number 1.'), first.text.includes('Number 2.')]).toEqual([false, true]);
    expect([second.text.includes('Number 1.'), second.text.includes('Number 2.')]).toEqual([true, false]);
    expect(second.html).not.toContain('cursor=');
  });

  it('shows a member the API key and nothing of applications', async () => {
    const member = await server.createAccount('member', { org: admin.orgId });
    const { app, id } = { app: await signedIn(server, member), id: (await registered('Hidden')).row.id };
    const { status, text } = await app.get(LIST);
    expect([status, text.includes('API key'), text.includes('Hidden')]).toEqual([200, true, false]);
    for (const path of [NEW, `${LIST}/${id}`, `${LIST}/${id}/delete`, `${LIST}/${id}/rotate-secret`]) {
      expect((await app.get(path)).status).toBe(403);
      expect((await app.submit(path, filled('Mine'), { from: LIST })).status).toBe(403);
    }
    expect(await rowsNamed('Hidden')).toHaveLength(1);
  });
});

describe('an application', () => {
  it('is changed by its form', async () => {
    const { id } = (await registered('Before')).row;
    const fields = { name: 'After', description: 'New', redirect_uris: 'https://a.example/cb', implicit: 'on' };
    const { status, headers } = await browser.submit(`${LIST}/${id}`, fields);
    expect([status, headers['location']]).toEqual([303, `${LIST}/${id}?done=application_updated`]);
    const [row] = await rowsNamed('After');
    expect(row).toMatchObject({ id, ...fields, redirect_uris: ['https://a.example/cb'], implicit: true });
    const shown = await browser.get(String(headers['location']));
    expect(shown.text).toContain('The changes are saved.');
    expect(shown.html).toContain('value="After"');
  });

  it('stays as it is where a field is wrong', async () => {
    const { id } = (await registered('Stays')).row;
    const { status, html, text } = await browser.submit(`${LIST}/${id}`, { name: '', redirect_uris: 'ftp://typed' });
    expect([status, text.includes('Give it a name.'), html.includes('ftp://typed</textarea>')]).toEqual([
      422,
      true,
      true,
    ]);
    expect((await rowsNamed('Stays'))[0]?.redirect_uris).toEqual([OUT_OF_BAND]);
  });

  it('gets a new secret once, however often the confirmation is sent', async () => {
    const { row, secret } = await registered('Rotated');
    const path = `${LIST}/${row.id}/rotate-secret`;
    const fields = { form_key: key() };
    const answers = await Promise.all([1, 2].map(() => browser.submit(path, fields)));
    answers.push(await browser.submit(path, fields));
    const [shown, ...more] = answers.map(({ html }) => secretIn(html)).filter(Boolean);
    expect(more).toEqual([]);
    expect(shown).not.toBe(secret);
    expect((await rowsNamed('Rotated'))[0]?.secret_hash).toEqual(hashSecret(shown ?? ''));
    expect(answers[2]?.headers['location']).toBe(`${LIST}/${row.id}?done=secret_sent_before`);
    expect((await browser.submit(path, { form_key: 'x' })).text).toContain('send it once more');
  });

  it('is deleted after a confirmation; sending that twice is no error', async () => {
    const { id } = (await registered('Deleted')).row;
    const path = `${LIST}/${id}/delete`;
    expect((await browser.get(path)).text).toContain('cannot be undone');
    const answers = await Promise.all([1, 2].map(() => browser.submit(path, {}, { from: LIST })));
    for (const { status, headers } of answers)
      expect([status, headers['location']]).toEqual([303, `${LIST}?done=application_deleted`]);
    expect(await rowsNamed('Deleted')).toEqual([]);
    const events = await server.deps.db
      .selectFrom('events')
      .select('data')
      .where('type', '=', 'application.deleted')
      .execute();
    expect(events.filter(({ data }) => (data as { application_id: string }).application_id === id)).toHaveLength(1);
  });

  it('of another organisation is not there', async () => {
    const { row } = await registered('Foreign', await server.createAccount('admin'));
    for (const path of ['', '/rotate-secret', '/delete']) {
      expect((await browser.get(`${LIST}/${row.id}${path}`)).status).toBe(404);
      const { status } = await browser.submit(`${LIST}/${row.id}${path}`, filled('Taken'), { from: LIST });
      expect(status).toBe(path === '/delete' ? 303 : 404);
    }
    expect(await rowsNamed('Foreign')).toHaveLength(1);
    for (const id of ['x', '9223372036854775808']) expect((await browser.get(`${LIST}/${id}`)).status).toBe(404);
  });
});
