import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { codeIn, createPortalToken, CUSTOMER_COOKIE } from '../../src/testing/portal.ts';
import { openChromium } from './chromium.ts';
import { type Customers, openCustomers } from './customers.ts';
import { testLetters } from './letters.ts';
import { newestMail } from './mailbox.ts';
import { ask, enter, portalPages, press } from './portal_pages.ts';
import { openScene, type Scene } from './scene.ts';
import { autofocused, looksRight, visit, type VisitOptions } from './visit.ts';

let scene: Scene;
let browser: Browser;
let customers: Customers;
before(async () => {
  browser = await openChromium();
  scene = await openScene();
  customers = await openCustomers(scene);
});
after(async () => {
  await browser?.close();
  await scene?.stop();
});

const address = (path: string) => scene.server.url + path;
const heading = (page: Page) => page.locator('h1').textContent();

async function visitAs(
  email: string | undefined,
  path: string,
  run: (page: Page) => Promise<void>,
  more: VisitOptions = {},
) {
  const token = email && (await createPortalToken(scene.server.deps, email, 'browser'));
  const cookies = token ? [{ name: CUSTOMER_COOKIE, value: token }] : [];
  await visit(browser, address(path), run, { cookies, ...more });
}

for (const { name, path = '/my', as, prepare } of portalPages) {
  test(`${name} looks right`, async () => {
    await visitAs(as, path, async (page) => {
      await prepare?.(page, customers);
      await looksRight(page, name);
    });
  });
}

testLetters(() => browser);

/** The page of a link that downloads: its ZIP arrives. */
async function downloads(page: Page, product: RegExp): Promise<void> {
  assert.match((await heading(page)) ?? '', product);
  const arrives = page.waitForEvent('download');
  await page.getByRole('link', { name: /Download ZIP/ }).click();
  const download = await arrives;
  assert.match(download.suggestedFilename(), /\.zip$/);
  assert.equal(await download.failure(), null);
}

/** From an expired link to a fresh one, by the mail that the worker sends. */
async function recover(page: Page, email: string): Promise<void> {
  assert.equal(await heading(page), 'This link has expired');
  await page.getByRole('link', { name: 'Get a fresh link' }).click();
  await ask(page, email);
  const mail = await newestMail(scene, email, '/my/link');
  await enter(page, codeIn({ to: email, subject: '', ...mail }));
  await page.waitForURL(address('/my'));
  await page.getByRole('button', { name: 'Download Epic Drums 1.1.0', exact: true }).click();
  await page.waitForURL(/\/download\?token=[0-9a-f]{64}$/);
  await downloads(page, /Epic Drums/);
}

for (const [words, javaScriptEnabled] of [
  ['with', true],
  ['without', false],
] as const) {
  test(`a purchase brings a mail, its link a download, and once it has expired a fresh one, ${words} JavaScript`, async () => {
    const email = `returning-${words}@a.example`;
    const json = { productId: customers.product, customerEmail: email, sendEmail: true };
    await scene.server.client.post('/api/purchases', { as: scene.account.apiKey, json });
    const { link } = await newestMail(scene, email, '/download');
    await visit(browser, link.href, (page) => downloads(page, /Epic Drums/), { javaScriptEnabled });
    const { db } = scene.server.deps;
    await db
      .updateTable('download_tokens')
      .set({ expires_at: new Date(0) })
      .where('customer_email', '=', email)
      .execute();
    await visit(browser, link.href, (page) => recover(page, email), { javaScriptEnabled });
  });
}

test('a mailed link signs in a browser that did not ask, and signing out everywhere signs out both', async () => {
  const email = 'twice@a.example';
  await customers.buy(scene.account, customers.product, email);
  await visitAs(undefined, '/my', async (asking) => {
    await ask(asking, email);
    const { link } = await newestMail(scene, email, '/my/link');
    await visitAs(undefined, `/my/link${link.search}`, async (page) => {
      await press(page, 'Show my downloads');
      await page.waitForURL(address('/my'));
      assert.match((await page.locator('main').textContent()) ?? '', /Audio Company.*Epic Drums/s);
      await visitAs(email, '/my', async (elsewhere) => {
        await press(page, 'Sign out everywhere');
        await page.getByText('You are signed out on every device.').waitFor();
        await elsewhere.reload();
        assert.equal(await elsewhere.getByRole('button', { name: 'Mail me a code' }).count(), 1);
      });
    });
  });
});

test('the keyboard alone is enough', async () => {
  await visitAs(undefined, '/my', async (page) => {
    await page.keyboard.press('Tab');
    await page.keyboard.type('nobody@b.example');
    await page.keyboard.press('Enter');
    await page.waitForURL(address('/my/code'));
    await autofocused(page);
    assert.equal(await page.evaluate('document.activeElement.name'), 'code');
    await page.keyboard.type('000000');
    await page.keyboard.press('Enter');
    await page.locator('.wrong').waitFor();
  });
});
