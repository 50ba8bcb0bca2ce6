import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { setStanding } from '../testing/accounts.ts';
import type { Answer } from '../testing/client.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

async function mint(account: NewAccount, productId: string, more: Record<string, unknown> = {}): Promise<string> {
  const json = { productId, ...more };
  return (await server.client.post('/api/generate-download-url', { as: account.apiKey, json })).json.downloadToken;
}

const open = (token: string, headers: Record<string, string> = BROWSER) =>
  server.client.get('/download', { query: { token }, headers });

function stylesOf(answer: Answer): string[] {
  return [...answer.body.toString().matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, style]) => style ?? '');
}

describe('the download page', () => {
  it('names what the link holds and points to the archive', async () => {
    const { product } = await server.publishSmall(admin);
    const token = await mint(admin, product);
    const page = await open(token);
    const html = page.body.toString();
    expect(page.headers['content-type']).toBe('text/html');
    expect(html).toContain('<dd>2.01 kB, 3 files</dd>');
    expect(html).toContain(`href="download/archive?token=${token}"`);
    expect(html).toContain('<bdi dir="ltr">kits/kick.wav</bdi><span>2.00 kB</span>');
  });

  it('lists some hundred files and counts the rest', async () => {
    const files = Object.fromEntries(Array.from({ length: 310 }, (_, i) => [`f${i}.txt`, `${i}`]));
    const { product } = await server.publishSmall(admin, { files });
    const html = (await open(await mint(admin, product))).body.toString();
    expect(html.match(/<li>/g)).toHaveLength(300);
    expect(html).toContain('and 10 files more');
  });

  it('allows itself its own stylesheet and script, and nothing inline', async () => {
    const { product } = await server.publishSmall(admin);
    const page = await open(await mint(admin, product));
    const policy = String(page.headers['content-security-policy']);
    const hashes = stylesOf(page).map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(hashes).toHaveLength(1);
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${hashes[0]}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(page.body.toString()).not.toMatch(/\sstyle=|\son\w+=|<script(?![^>]* src=)/);
    expect(page.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    });
  });

  it('writes names as text', async () => {
    const { product } = await server.publishSmall(admin, { files: { "a&b 'c'.txt": '1' } });
    const name = '<script>alert(1)</script>"&';
    await server.client.put(`/api/products/${product}`, { as: admin.apiKey, json: { name } });
    const html = (await open(await mint(admin, product))).body.toString();
    expect(html).toContain('<h1><bdi>&lt;script>alert(1)&lt;/script>&quot;&amp;</bdi></h1>');
    expect(html).toContain("a&amp;b 'c'.txt");
    expect(html).not.toContain('<script>');
  });

  it.each([
    ['text/html', 'text/html'],
    ['Text/HTML; charset=utf-8', 'text/html'],
    ['*/*', 'application/zip'],
    ['application/xhtml+xml', 'application/zip'],
    ['text/html;q=0, */*', 'application/zip'],
  ])('answers Accept: %s with %s', async (accept, type) => {
    const { product } = await server.publishSmall(admin);
    expect((await open(await mint(admin, product), { accept })).headers['content-type']).toBe(type);
  });

  it('takes none of the downloads that the link is good for', async () => {
    const { product } = await server.publishSmall(admin);
    const token = await mint(admin, product, { maxDownloads: 1 });
    expect((await open(token)).status).toBe(200);
    expect((await open(token)).status).toBe(200);
    expect((await open(token, {})).status).toBe(200);
    await expect.poll(async () => (await open(token)).status).toBe(410);
  });

  it.each([
    ['packs', (token: string) => server.client.post('/download/sessions', { query: { token } })],
    ['the archive', (token: string) => open(token, { range: 'bytes=0-9' })],
  ])('stays open to a client whose download of %s goes on', async (_kind, start) => {
    const { product } = await server.publishSmall(admin);
    const token = await mint(admin, product, { maxDownloads: 1 });
    await start(token);
    expect((await open(token)).status).toBe(200);
    expect((await open(token, { ...BROWSER, 'user-agent': 'another' })).status).toBe(410);
  });
});

describe('a dead link', () => {
  /** What was delivered is written down a moment after the client has it. */
  async function downloadAll({ apiKey }: NewAccount, token: string): Promise<void> {
    await open(token, {});
    const status = async () => (await server.client.get('/api/downloads/sessions', { as: apiKey })).json[0].status;
    await expect.poll(status).toBe('completed');
  }

  async function deadLink(kind: string): Promise<string> {
    if (kind === 'unknown') return 'unknown';
    const account = await server.createAccount('admin');
    const { product } = await server.publishSmall(account);
    const token = await mint(account, product, { maxDownloads: 1 });
    const change = { expired: { expires_at: new Date(0) }, revoked: { revoked_at: new Date() } }[kind];
    const tokens = server.deps.db.updateTable('download_tokens').where('organisation_id', '=', account.orgId);
    if (change) await tokens.set(change).execute();
    if (kind === 'used_up') await downloadAll(account, token);
    if (kind === 'suspended') await setStanding(server.deps, account.orgId, { suspended: true });
    return token;
  }

  it.each([
    ['unknown', 404, 'not_found', 'This link is not known'],
    ['expired', 410, 'expired', 'This link has expired'],
    ['revoked', 410, 'revoked', 'This link was withdrawn'],
    ['used_up', 410, 'used_up', 'This link is used up'],
    ['suspended', 403, 'resource_temporary_unavailable', 'This download is paused'],
  ])('that is %s is %i: a page for people, JSON for programs', async (kind, status, code, title) => {
    const token = await deadLink(kind);
    const page = await open(token);
    expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html']);
    expect(page.body.toString()).toContain(`<h1>${title}</h1>`);
    expect(page.body.toString().includes('href="/my"')).toBe(kind === 'expired');
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    const json = await open(token, { accept: 'application/json' });
    expect([json.status, json.json]).toEqual([status, { error: { token: [code] } }]);
    expect(page.headers['retry-after']).toBe(json.headers['retry-after']);
  });
});

describe('the script', () => {
  it('comes as JavaScript and is not sent twice', async () => {
    const first = await server.client.get('/download/page.js');
    expect([first.status, first.headers['content-type']]).toEqual([200, 'text/javascript']);
    const headers = { 'if-none-match': String(first.headers.etag) };
    expect((await server.client.get('/download/page.js', { headers })).status).toBe(304);
    expect((await server.client.get('/download/page.js', { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });
});
