import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setStanding } from '../testing/accounts.ts';
import { CUSTOMER_COOKIE } from '../testing/portal.ts';
import { openPortalPages, type PortalPages, where } from '../testing/portal_pages.ts';
import { signedIn } from '../testing/signed_in.ts';

let shop: PortalPages;
beforeAll(async () => {
  shop = await openPortalPages();
});
afterAll(() => shop.server.stop());

describe('the library', () => {
  it('groups by seller, marks the current version, and makes links that download', async () => {
    const email = shop.newEmail();
    const [id] = [await shop.buy(email), await shop.buy(email, shop.pair.foreign)];
    const browser = await shop.asCustomer(email);
    const { html, text } = await browser.get('/my');
    for (const { orgId } of [shop.pair.own, shop.pair.foreign])
      expect(html.split(`<h2><bdi>${orgId}</bdi></h2>`)).toHaveLength(2);
    expect(text).toMatch(/1\.0\.0 Current \d+ \w+ \d{4} 2\.01 kB 3 Download/);
    const made = await browser.submit(`/my/purchases/${id}/download`, { version: '1.0.0' }, { from: '/my' });
    expect(where(made)).toEqual([303, expect.stringMatching(/^\/download\?token=[0-9a-f]{64}$/)]);
    expect((await browser.get(String(made.headers.location))).status).toBe(200);
  });

  it('folds other versions away, and turns pages', async () => {
    const seller = await shop.server.createAccount('admin');
    const { product } = await shop.server.publishSmall(seller);
    await shop.server.publishSmall(seller, { product, version: '2.0.0', files: { 'a.txt': 'two' } });
    const email = shop.newEmail();
    for (let orders = 0; orders < 51; orders++) await shop.buy(email, seller, product);
    const browser = await shop.asCustomer(email);
    const first = await browser.get('/my');
    expect(first.html.split('<article>')).toHaveLength(51);
    expect(first.html.split('<details>')).toHaveLength(51);
    const [, next = ''] = /href="(\/my\?from=[^"]+)"/.exec(first.html) ?? [];
    const second = await browser.get(next);
    expect([second.html.split('<article>').length, second.html.includes('?from=')]).toEqual([2, false]);
    expect((await browser.get('/my?from=nonsense')).status).toBe(400);
  });

  it('of nobody else opens', async () => {
    const id = await shop.buy(shop.newEmail());
    const browser = await shop.asCustomer(await shop.newBuyer());
    const page = await browser.submit(`/my/purchases/${id}/download`, {}, { from: '/my' });
    expect([page.status, page.text]).toEqual([404, expect.stringContaining('There is no such page')]);
    expect(where(await shop.stranger().submit(`/my/purchases/${id}/download`, {}, { from: '/my' }))).toEqual([
      303,
      '/my',
    ]);
    const user = await signedIn(shop.server, shop.pair.own);
    expect((await user.get('/my')).text).toContain('Mail me a code');
  });

  it('says so where a seller is out of service', async () => {
    const seller = await shop.server.createAccount('admin');
    const { product } = await shop.server.publishSmall(seller);
    const email = shop.newEmail();
    const id = await shop.buy(email, seller, product);
    await setStanding(shop.server.deps, seller.orgId, { suspended: true });
    const browser = await shop.asCustomer(email);
    const { html, text } = await browser.get('/my');
    expect([html.includes('/download"'), text.includes('out of service')]).toEqual([false, true]);
    const page = await browser.submit(`/my/purchases/${id}/download`, {}, { from: '/my' });
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('This download is paused')]);
  });

  it('is left here, or everywhere', async () => {
    const email = await shop.newBuyer();
    const [here, there, third] = [
      await shop.asCustomer(email),
      await shop.asCustomer(email),
      await shop.asCustomer(email),
    ];
    expect(where(await here.submit('/my/sign-out', {}, { from: '/my' }))).toEqual([303, '/my?done=signed_out']);
    expect((await here.get('/my?done=signed_out')).text).toContain('You are signed out.');
    expect([here.cookies.has(CUSTOMER_COOKIE), await shop.isSignedIn(there, email)]).toEqual([false, true]);
    await there.submit('/my/sign-out-everywhere', {}, { from: '/my' });
    expect(await shop.isSignedIn(third, email)).toBe(false);
  });

  it('shows nobody’s words as anything but words', async () => {
    const seller = await shop.server.createAccount('admin');
    const { product } = await shop.server.publishSmall(seller);
    await shop.server.client.put(`/api/products/${product}`, {
      as: seller.apiKey,
      json: { name: '<script>x</script>' },
    });
    const email = shop.newEmail();
    await shop.buy(email, seller, product);
    expect((await (await shop.asCustomer(email)).get('/my')).html).not.toContain('<script');
  });
});
