import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { inTransaction } from '../../src/db/transaction.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import { ensurePurchase } from '../../src/purchases/queries.ts';
import { setStanding } from '../../src/testing/accounts.ts';
import { codeIn, createPortalToken, CUSTOMER_COOKIE } from '../../src/testing/portal.ts';
import { openChromium } from './chromium.ts';
import { openScene, type Scene } from './scene.ts';
import { looksRight, visit, type VisitOptions } from './visit.ts';

const COLLECTOR = 'collector@a.example';
const NEWCOMER = 'somebody.with.a.very.long.name.indeed@customers.of.small.publishers.example';

let scene: Scene;
let browser: Browser;
let product: string;
before(async () => {
  browser = await openChromium();
  scene = await openScene();
  const { server, account } = scene;
  await nameOrganisation(account, 'Audio Company');
  product = await scene.publish('Epic Drums', { 'a.txt': 'a'.repeat(10_000), 'kits/b.txt': 'b' });
  for (const version of ['1.1.0', '2.0.0-beta.1']) {
    const files = { 'a.txt': version.repeat(100_000) };
    await server.publishSmall(account, { product, version, activate: version === '1.1.0', files });
  }
  const pads = await scene.publish('Ambient Pads and Evolving Textures, Deluxe Edition (2026 remaster)', { b: 'b' });
  await buy(account, product, 'order-1001');
  await buy(account, pads, '#7b6f0d5e-5a2a-4d7a-9f1c-1b7f6f6f2c11');
  await buy(account, await draft(account));
  const paused = await server.createAccount('admin');
  await nameOrganisation(paused, 'دار الأصوات');
  await buy(paused, (await server.publishSmall(paused)).product, 'A-7');
  await setStanding(server.deps, paused.orgId, { suspended: true });
});
after(async () => {
  await browser?.close();
  await scene?.stop();
});

async function nameOrganisation({ orgId }: NewAccount, name: string): Promise<void> {
  await scene.server.deps.db.updateTable('organisations').set({ name }).where('id', '=', orgId).execute();
}

/** A product with nothing to download. */
async function draft({ apiKey }: NewAccount): Promise<string> {
  await scene.server.client.post('/api/products', { as: apiKey, json: { name: 'Field Recordings', slug: 'field' } });
  return 'field';
}

async function buy({ orgId }: NewAccount, productId: string, orderId?: string, email = COLLECTOR): Promise<void> {
  const { deps } = scene.server;
  const id = deps.ids.next();
  const purchase = { id, productId, customerEmail: email, orderId: orderId ?? id };
  await inTransaction(deps.db, (tx) => ensurePurchase(tx, orgId, purchase));
}

const address = (path: string) => scene.server.url + path;
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
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

/** The text of the newest mail to the address, as the worker sent it. */
async function newestMail(to: string): Promise<string> {
  const folder = join(scene.server.deps.config.dataDir, 'mail');
  for (let looks = 0; looks < 200; looks++) {
    const names = await readdir(folder).catch(() => []);
    const mails = await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')));
    const mail = mails.findLast((text) => text.includes(`To: ${to}`));
    if (mail)
      return mail
        .replaceAll(/=\r?\n/g, '')
        .replaceAll('=3D', '=')
        .replaceAll('\r', '');
    await sleep(50);
  }
  throw new Error(`no mail to ${to} in ${folder}`);
}

const linkIn = (mail: string) => new URL(/http\S+\/my\/link\?token=[\w-]+/.exec(mail)?.[0] ?? '');

async function ask(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await press(page, 'Mail me a code');
  await page.waitForURL(address('/my/code'));
}

async function enter(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await press(page, 'Show my downloads');
}

async function askBlank(page: Page): Promise<void> {
  await page.evaluate('document.forms[0].noValidate = true');
  await press(page, 'Mail me a code');
  await page.locator('.wrong').waitFor();
}

async function askTooOften(page: Page): Promise<void> {
  const { portalCode } = scene.server.deps.throttles;
  for (let times = 0; times < 5; times++) await portalCode.take('eager@a.example');
  await page.getByLabel('E-mail address').fill('eager@a.example');
  await press(page, 'Mail me a code');
  await page.getByRole('alert').waitFor();
}

async function enterWrongly(page: Page): Promise<void> {
  await ask(page, 'nobody@a.example');
  await enter(page, '000000');
  await page.locator('.wrong').waitFor();
}

async function enterTooOften(page: Page): Promise<void> {
  await enterWrongly(page);
  for (let tries = 0; tries < 5; tries++) await enter(page, '000000');
  await page.getByRole('alert').waitFor();
}

interface Shown {
  readonly name: string;
  readonly path?: string;
  readonly as?: string;
  prepare?(page: Page): Promise<void>;
}

const pages: readonly Shown[] = [
  { name: 'my' },
  { name: 'my-blank', prepare: askBlank },
  { name: 'my-slowed', prepare: askTooOften },
  { name: 'my-code', prepare: (page) => ask(page, NEWCOMER) },
  { name: 'my-code-wrong', prepare: enterWrongly },
  { name: 'my-code-late', prepare: enterTooOften },
  { name: 'my-link-unknown', path: '/my/link?token=none' },
  { name: 'my-library', as: COLLECTOR },
  {
    name: 'my-library-unfolded',
    as: COLLECTOR,
    prepare: (page) => page.getByText('Download another version').click(),
  },
  { name: 'my-library-empty', as: NEWCOMER },
  { name: 'my-signed-out', path: '/my?done=signed_out' },
  { name: 'my-none', path: '/my/none' },
  {
    name: 'my-stale',
    as: COLLECTOR,
    async prepare(page) {
      await page.context().clearCookies();
      await press(page, 'Sign out');
      await page.getByText('This page is out of date').waitFor();
    },
  },
];

for (const { name, path = '/my', as, prepare } of pages) {
  test(`${name} looks right`, async () => {
    await visitAs(as, path, async (page) => {
      await prepare?.(page);
      await looksRight(page, name);
    });
  });
}

test('the page of a mailed link looks right', async () => {
  await visitAs(undefined, '/my', async (page) => {
    await ask(page, COLLECTOR);
    await page.goto(address(`/my/link${linkIn(await newestMail(COLLECTOR)).search}`));
    await looksRight(page, 'my-link');
  });
});

/** From an expired link to a fresh one, by the mail that the worker sends. */
async function recover(page: Page, email: string): Promise<void> {
  assert.equal(await heading(page), 'This link has expired');
  await page.getByRole('link', { name: 'Get a fresh link' }).click();
  await ask(page, email);
  const mail = await newestMail(email);
  await enter(page, codeIn({ to: email, subject: '', text: mail, html: '' }));
  await page.waitForURL(address('/my'));
  await page.getByRole('button', { name: 'Download Epic Drums 1.1.0', exact: true }).click();
  await page.waitForURL(/\/download\?token=[0-9a-f]{64}$/);
  assert.match((await heading(page)) ?? '', /Epic Drums/);
  assert.equal(await page.getByRole('link', { name: /Download ZIP/ }).count(), 1);
}

for (const [words, javaScriptEnabled] of [
  ['with', true],
  ['without', false],
] as const)
  test(`an expired link leads to a fresh one, ${words} JavaScript`, async () => {
    const email = `returning-${words}@a.example`;
    await buy(scene.account, product, `order-${words}`, email);
    const link = await scene.mint(product);
    const { db } = scene.server.deps;
    await db
      .updateTable('download_tokens')
      .set({ expires_at: new Date(0) })
      .execute();
    await visit(browser, link, (page) => recover(page, email), { javaScriptEnabled });
  });

test('a mailed link signs in a browser that did not ask, and signing out everywhere signs out both', async () => {
  const email = 'twice@a.example';
  await buy(scene.account, product, 'order-twice', email);
  await visitAs(undefined, '/my', async (asking) => {
    await ask(asking, email);
    const { search } = linkIn(await newestMail(email));
    await visitAs(undefined, `/my/link${search}`, async (page) => {
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
    assert.equal(await page.evaluate('document.activeElement.name'), 'code');
    await page.keyboard.type('000000');
    await page.keyboard.press('Enter');
    await page.locator('.wrong').waitFor();
  });
});
