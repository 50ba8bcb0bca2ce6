import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrfIn } from '../testing/pages.ts';
import { openPortalPages, type PortalPages } from '../testing/portal_pages.ts';

let shop: PortalPages;
beforeAll(async () => {
  shop = await openPortalPages();
});
afterAll(() => shop.server.stop());

describe('every page', () => {
  it('is kept by nobody, runs nothing, and tells no other site its address', async () => {
    for (const path of ['/my', '/my/link?token=x', '/my/none']) {
      const { headers } = await shop.stranger().get(path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex',
        'x-frame-options': 'DENY',
      });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'; style-src 'sha256-");
      expect(policy).toContain("form-action 'self'");
      expect(policy).not.toContain('script-src');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('takes forms of its own only', async () => {
    const browser = await shop.asCustomer(await shop.newBuyer());
    const other = csrfIn((await (await shop.asCustomer(await shop.newBuyer())).get('/my')).html) ?? '';
    const csrf = csrfIn((await browser.get('/my')).html) ?? '';
    const post = (fields: Record<string, string>, headers = {}) => browser.submit('/my/sign-out', fields, { headers });
    for (const wrong of ['', 'x', other]) expect((await post({ csrf: wrong })).status).toBe(403);
    expect((await post({ csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ csrf }, { origin: 'https://elsewhere.example' })).status).toBe(403);
    // What Chromium says under `no-referrer`.
    expect((await post({ csrf }, { origin: 'null' })).status).toBe(303);
    expect((await shop.stranger().submit('/my', { email: 'a@b.example', csrf })).status).toBe(403);
  });

  it('has an answer to every method', async () => {
    const wrong = await shop.stranger().get('/my/sign-out');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST, OPTIONS']);
    expect((await shop.stranger().get('/my/none')).status).toBe(404);
    expect((await shop.stranger().get('/mystery')).status).toBe(400);
    const head = await fetch(`${shop.server.url}/my`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
