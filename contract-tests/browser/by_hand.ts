import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { mailedLink, type People, type Who } from './people.ts';
import { autofocused, type VisitOptions } from './visit.ts';

type VisitAs = (who: Who, path: string, run: (page: Page) => Promise<void>, options?: VisitOptions) => Promise<void>;

const HEADER = ['Skip to content', 'Overview', 'Building', 'Applications'];
const NEW = '/dashboard/applications/new';

/** What has the focus, and whether a person sees it. Runs in the page. */
const FOCUS = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const { textContent } = element.labels?.[0] ?? element;
  return textContent + (outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 ? '' : ' (not seen)');
})()`;

async function tabStops(page: Page, expected: readonly string[]): Promise<void> {
  const stops: unknown[] = [];
  for (const _stop of expected) {
    await page.keyboard.press('Tab');
    stops.push(await page.evaluate(FOCUS));
  }
  assert.deepEqual(stops, expected);
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).first().click();
const follow = (page: Page, name: string) => page.getByRole('link', { name }).click();
const fillIn = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);

async function isTold(page: Page, text: RegExp): Promise<void> {
  assert.match((await page.getByRole('status').textContent()) ?? '', text);
}

async function fillInApplication(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('Typed');
  await page.getByLabel('Redirect URIs').fill('urn:ietf:wg:oauth:2.0:oob');
}

/** Without a mouse, and without JavaScript: in the scene of the file that calls it. */
export function testByHand(visitAs: VisitAs, people: () => People): void {
  withoutMouse(visitAs);
  const without = (who: Who, path: string, run: (page: Page) => Promise<void>) =>
    visitAs(who, path, run, { javaScriptEnabled: false });
  test('without JavaScript an application is made, changed, given a new secret and deleted', () =>
    without('admin', NEW, keepApplication));
  test('without JavaScript an owner invites, and changes their own name', () =>
    without('owner', '/dashboard/users', own));
  test('without JavaScript a shop is set up, what it sold is mapped, and a mail is tried again', () =>
    without('admin', '/dashboard/integrations/stripe', sell));
  test('without JavaScript the API key is made anew', () => without('member', '/dashboard', remakeKey));
  test('without JavaScript somebody joins, and asks for a new password', async () =>
    without('visitor', await mailedLink(people(), 'invitation'), join));
}

function withoutMouse(visitAs: VisitAs): void {
  test('the keyboard goes through sign-in in order', () =>
    visitAs('visitor', '/dashboard/sign-in', async (page) => {
      await autofocused(page);
      assert.equal(await page.evaluate(FOCUS), 'E-mail address');
      await tabStops(page, ['Password', 'Sign in', 'Forgotten your password?']);
    }));

  test('the keyboard makes an application, and is taken to what is wrong', () =>
    visitAs('admin', NEW, async (page) => {
      await tabStops(page, [...HEADER, 'Selling', 'Settings', 'Sign out', 'Name']);
      await page.keyboard.type('Typed');
      const rest = ['Description (optional)', 'Confidential', 'Redirect URIs, one per line'];
      await tabStops(page, rest);
      await page.keyboard.type('javascript:alert(1)');
      await tabStops(page, ['Allow the implicit flow', 'Create application']);
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
      await autofocused(page);
      assert.equal(await page.evaluate(FOCUS), 'Redirect URIs, one per line');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('com.example.app:/callback');
      await tabStops(page, ['Allow the implicit flow', 'Create application', 'Cancel']);
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByLabel('Client secret').waitFor();
    }));

  test('the keyboard reaches the action of a row', () =>
    visitAs('newcomer', '/dashboard/users', async (page) => {
      await tabStops(page, [...HEADER, 'Selling', 'Users', 'Settings', 'Sign out']);
      await page.keyboard.press('Tab');
      assert.match(String(await page.evaluate(FOCUS)), /^Change \S+@\S+$/);
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/dashboard\/users\/\d+$/);
    }));
}

async function keepApplication(page: Page): Promise<void> {
  await fillInApplication(page);
  await press(page, 'Create application');
  assert.match(await page.getByLabel('Client secret').inputValue(), /^cts_/);
  assert.equal(await page.getByRole('button', { name: 'Copy' }).count(), 0);
  await follow(page, 'I have stored the secret');
  await page.getByLabel('Name').fill('Changed');
  await press(page, 'Save');
  await isTold(page, /saved/);
  await follow(page, 'Make a new secret');
  await press(page, 'Make a new secret');
  assert.match(await page.getByLabel('Client secret').inputValue(), /^cts_/);
  await follow(page, 'I have stored the secret');
  await follow(page, 'Delete this application');
  await press(page, 'Delete for good');
  await isTold(page, /deleted/);
}

async function sell(page: Page): Promise<void> {
  await fillIn(page, 'Signing secret', 'whsec_by_hand_0123');
  await press(page, 'Replace');
  await isTold(page, /secret is set/);
  await follow(page, 'All integrations');
  await follow(page, 'Map Epic Drums – Lifetime licence');
  await press(page, 'Map and replay');
  await isTold(page, /Recorded/);
  await follow(page, 'Mails');
  await press(page, 'Try again');
  await isTold(page, /in the queue again/);
}

async function own(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill('by-hand@a.example');
  await press(page, 'Send the invitation');
  await isTold(page, /on its way/);
  await press(page, 'Withdraw the invitation of by-hand@a.example');
  await isTold(page, /withdrawn/);
  await follow(page, 'Settings');
  await page.getByLabel('What your colleagues know you by').fill('Ada');
  await press(page, 'Save name');
  await isTold(page, /saved/);
}

async function remakeKey(page: Page): Promise<void> {
  await follow(page, 'API key');
  await follow(page, 'Re-create the API key');
  await press(page, 'Re-create the key');
  assert.match(await page.getByLabel('API key').inputValue(), /^ct_/);
  await follow(page, 'I have stored the key');
  await page.getByText('You have an API key').waitFor();
}

async function join(page: Page): Promise<void> {
  await fillIn(page, 'Your name', 'Typed');
  await fillIn(page, 'New password', 'a long password of words');
  await fillIn(page, 'New password, once more', 'a long password of words');
  await press(page, 'Create the account');
  await isTold(page, /account is ready/);
  await follow(page, 'Forgotten your password?');
  await page.getByLabel('E-mail address').fill('nobody@a.example');
  await press(page, 'Mail me a link');
  await isTold(page, /If there is an account/);
}
