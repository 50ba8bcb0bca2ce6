import type { Page } from 'playwright-core';
import { setStanding } from '../../src/testing/accounts.ts';
import { BEGINNER, COLLECTOR, type Customers, HOARDER, NEWCOMER } from './customers.ts';
import { newestMail } from './mailbox.ts';

export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

export async function ask(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await press(page, 'Mail me a code');
  await page.waitForURL(/\/my\/code$/);
}

export async function enter(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await press(page, 'Show my downloads');
}

async function askBlank(page: Page): Promise<void> {
  await page.evaluate('document.forms[0].noValidate = true');
  await press(page, 'Mail me a code');
  await page.locator('.wrong').waitFor();
}

async function askTooOften(page: Page, { scene }: Customers): Promise<void> {
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

/** Opens the link of a mail that this browser asked for. */
async function followLink(page: Page, { scene, product, buy }: Customers, email: string): Promise<void> {
  await buy(scene.account, product, email);
  await ask(page, email);
  await page.goto((await newestMail(scene, email, '/my/link')).link.href);
}

async function followLate(page: Page, customers: Customers): Promise<void> {
  const email = 'late@a.example';
  await followLink(page, customers, email);
  const { db } = customers.scene.server.deps;
  await db
    .updateTable('portal_codes')
    .set({ expires_at: new Date(0) })
    .where('email', '=', email)
    .execute();
  await page.reload();
}

async function followTwice(page: Page, customers: Customers): Promise<void> {
  await followLink(page, customers, 'again@a.example');
  const url = page.url();
  await press(page, 'Show my downloads');
  await page.goto(url);
}

async function leaveAndPress(page: Page): Promise<void> {
  await page.context().clearCookies();
  await press(page, 'Sign out');
  await page.getByText('This page is out of date').waitFor();
}

/** The seller is suspended while the page is open. */
async function downloadPaused(page: Page, { scene, buy, openShop }: Customers): Promise<void> {
  const { account, product } = await openShop('Loops & Co');
  await buy(account, product, BEGINNER);
  await page.reload();
  await setStanding(scene.server.deps, account.orgId, { suspended: true });
  await page.getByRole('button', { name: 'Download' }).first().click();
  await page.getByText('This download is paused').waitFor();
}

export interface ShownPage {
  readonly name: string;
  readonly path?: string;
  /** Address of who is signed in. */
  readonly as?: string;
  prepare?(page: Page, customers: Customers): Promise<void>;
}

const unfold = (page: Page) => page.getByText('Download another version').click();

/** Every page for customers, each in the states that look different. */
export const portalPages: readonly ShownPage[] = [
  { name: 'my' },
  { name: 'my-blank', prepare: askBlank },
  { name: 'my-slowed', prepare: askTooOften },
  { name: 'my-code', prepare: (page) => ask(page, NEWCOMER) },
  { name: 'my-code-wrong', prepare: enterWrongly },
  { name: 'my-code-late', prepare: enterTooOften },
  { name: 'my-link', prepare: (page, customers) => followLink(page, customers, 'reader@a.example') },
  { name: 'my-link-unknown', path: '/my/link?token=none' },
  { name: 'my-link-late', prepare: followLate },
  { name: 'my-link-used', prepare: followTwice },
  { name: 'my-library-one', as: BEGINNER },
  { name: 'my-library', as: COLLECTOR },
  { name: 'my-library-unfolded', as: COLLECTOR, prepare: unfold },
  { name: 'my-library-empty', as: NEWCOMER },
  { name: 'my-library-many', as: HOARDER },
  { name: 'my-library-older', as: HOARDER, prepare: (page) => page.getByText('Older purchases').click() },
  { name: 'my-signed-out', path: '/my?done=signed_out' },
  { name: 'my-signed-out-everywhere', path: '/my?done=signed_out_everywhere' },
  { name: 'my-none', path: '/my/none' },
  { name: 'my-paused', as: BEGINNER, prepare: downloadPaused },
  { name: 'my-stale', as: COLLECTOR, prepare: leaveAndPress },
];
