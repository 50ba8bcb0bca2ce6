import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from './chromium.ts';
import { testByHand } from './by_hand.ts';
import { pages } from './pages.ts';
import { openPeople, type People, type Who } from './people.ts';
import { openScene, type Scene } from './scene.ts';
import { autofocused, looksRight, visit, type VisitOptions } from './visit.ts';

const SIGN_IN = '/dashboard/sign-in';
const SESSIONS = '/dashboard/settings/sessions';

let scene: Scene;
let browser: Browser;
let people: People;
before(async () => {
  browser = await openChromium();
  scene = await openScene();
  people = await openPeople(scene);
});
after(async () => {
  await browser?.close();
  await scene?.stop();
});

const address = (path: string) => scene.server.url + path;

async function visitAs(who: Who, path: string, run: (page: Page) => Promise<void>, options: VisitOptions = {}) {
  await visit(browser, address(path), run, { cookies: await people.cookies(who), ...options });
}

async function fillIn(page: Page, password = people.password, { email } = people.accounts.member): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
}

const submit = (page: Page) => page.getByRole('button', { name: 'Sign in' }).click();
const heading = (page: Page) => page.locator('h1').textContent();
const sessionCookie = async (page: Page) =>
  (await page.context().cookies()).find(({ name }) => name === 'continuity_session')?.value;

for (const { name, path, as, prepare } of pages) {
  test(`${name} looks right`, async () => {
    const found = typeof path === 'string' ? path : await path(people);
    await visitAs(as, found, async (page) => {
      await prepare?.(page, people);
      await looksRight(page, name);
    });
  });
}

testByHand(visitAs, () => people);

test('sign-in leads to the page that was asked for, sign-out ends the session', async () => {
  await visitAs('visitor', SESSIONS, async (page) => {
    assert.equal(await heading(page), 'Sign in');
    await fillIn(page);
    await submit(page);
    await page.waitForURL(address(SESSIONS));
    assert.match((await page.getByRole('table').textContent()) ?? '', /Chrome on Linux.*This browser/);
    const kept = (await sessionCookie(page)) ?? '';
    await page.getByRole('button', { name: 'Sign out' }).click();
    assert.equal(await page.getByRole('status').textContent(), 'You are signed out.');
    await page.context().addCookies([{ name: 'continuity_session', value: kept, url: address('/') }]);
    await page.goto(address('/dashboard'));
    assert.equal(await heading(page), 'Sign in');
  });
});

test('a wrong password is told, and the address is kept', async () => {
  await visitAs('visitor', SIGN_IN, async (page) => {
    await fillIn(page, 'wrong');
    await submit(page);
    assert.equal(await page.getByRole('alert').textContent(), 'Wrong e-mail address or password.');
    assert.equal(await page.getByLabel('E-mail address').inputValue(), people.accounts.member.email);
    assert.equal(await page.getByLabel('Password').inputValue(), '');
    await autofocused(page);
    assert.equal(await page.evaluate('document.activeElement.id'), 'password');
    await page.getByLabel('Password').fill(people.password);
    await submit(page);
    await page.waitForURL(address('/dashboard'));
  });
});

test('the keyboard alone signs in and out', async () => {
  await visitAs('visitor', SIGN_IN, async (page) => {
    await autofocused(page);
    await page.keyboard.type(people.accounts.member.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(people.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(address('/dashboard'));
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
  });
});

test('everything works without JavaScript', async () => {
  const run = async (page: Page) => {
    await fillIn(page);
    await submit(page);
    await page.waitForURL(address(SESSIONS));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(/done=signed_out$/);
  };
  await visitAs('visitor', SESSIONS, run, { javaScriptEnabled: false });
});

for (const target of [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  'javascript:alert(1)',
  '/dashboard/../..//evil.example/',
  '/whoami?callback=alert',
]) {
  test(`return_to=${JSON.stringify(target)} leads to the overview`, async () => {
    await visitAs('visitor', `${SIGN_IN}?return_to=${encodeURIComponent(target)}`, async (page) => {
      await fillIn(page);
      await submit(page);
      await page.waitForURL(address('/dashboard'));
    });
  });
}

test('a session that was planted before sign-in is replaced, and ends', async () => {
  const cookies = await people.cookies('newcomer');
  const run = async (page: Page) => {
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    const planted = await sessionCookie(page);
    // The attacker's session has a sign-in form of its own.
    await page.evaluate(signInHere, { email: people.accounts.member.email, password: people.password });
    await page.getByText(people.accounts.member.email).waitFor();
    assert.notEqual(await sessionCookie(page), planted);
    await page.context().addCookies([{ name: 'continuity_session', value: planted ?? '', url: address('/') }]);
    await page.goto(address('/dashboard'));
    assert.equal(await heading(page), 'Sign in');
  };
  await visit(browser, address('/dashboard'), run, { cookies });
});

/** Runs in the page: sends the sign-in form with the token of the sign-out form that the page has. */
function signInHere(fields: Record<string, string>): void {
  const form = document.querySelector('form');
  if (!form) throw new Error('no form');
  form.action = '/dashboard/sign-in';
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement('input');
    Object.assign(input, { name, value });
    form.append(input);
  }
  form.submit();
}

const setToken = (page: Page, value: string) =>
  page.evaluate(`for (const field of document.getElementsByName('csrf')) field.value = ${JSON.stringify(value)}`);
const tokenOf = (page: Page) => page.locator('[name=csrf]').first().inputValue();
const endOthers = (page: Page) => page.getByRole('button', { name: 'End all other sessions' }).click();

async function isRefused(page: Page): Promise<void> {
  const answer = page.waitForResponse((response) => response.request().method() === 'POST');
  await endOthers(page);
  assert.equal((await answer).status(), 403);
  assert.equal(await heading(page), 'This form is out of date');
}

test('a forged form is refused', async () => {
  await visitAs('admin', SESSIONS, async (page) => {
    await setToken(page, 'A'.repeat(43));
    await isRefused(page);
  });
});

test('the form of another user is refused', async () => {
  let stolen = '';
  await visitAs('member', SESSIONS, async (page) => {
    stolen = await tokenOf(page);
  });
  await visitAs('admin', SESSIONS, async (page) => {
    await setToken(page, stolen);
    await isRefused(page);
  });
});

test('a form of a session that has ended is refused', async () => {
  await visitAs('admin', SESSIONS, async (page) => {
    await page.context().clearCookies();
    await isRefused(page);
  });
});

/** A site of somebody else: serves the one page to whatever is asked. */
async function withForeignSite(html: string, run: (url: string) => Promise<void>): Promise<void> {
  const site = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(html));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  try {
    // Another name than ours, so another site to the browser.
    await run(`http://localhost:${(site.address() as AddressInfo).port}/`);
  } finally {
    site.close();
  }
}

test('another site can neither send a form in our name nor frame a page', async () => {
  const cookies = await people.cookies('admin');
  let csrf = '';
  const steal = async (page: Page) => {
    csrf = await tokenOf(page);
  };
  await visit(browser, address(SESSIONS), steal, { cookies });
  const attack = `<form method="post" action="${address('/dashboard/sign-out')}"><input name="csrf" value="${csrf}"><button>Win</button></form>`;
  await withForeignSite(`${attack}<iframe src="${address(SIGN_IN)}"></iframe>`, async (url) => {
    const context = await browser.newContext();
    try {
      await context.addCookies(cookies.map((cookie) => ({ ...cookie, url: address('/') })));
      const page = await context.newPage();
      await page.goto(url);
      const [, frame] = page.frames();
      assert.ok(frame && !(await frame.content()).includes('E-mail address'), 'the page is shown in a frame');
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: 'Win' }).click();
      assert.equal((await answer).status(), 403);
      await page.goto(address('/dashboard'));
      assert.equal(await page.getByRole('button', { name: 'Sign out' }).count(), 1);
    } finally {
      await context.close();
    }
  });
});

test('ending a session signs that browser out, at once', async () => {
  const [doomed] = await people.cookies('member');
  await visitAs('member', SESSIONS, async (page) => {
    await page
      .getByRole('row')
      .filter({ hasNotText: 'This browser' })
      .getByRole('button', { name: 'End' })
      .first()
      .click();
    assert.equal(await page.getByRole('status').textContent(), 'The session was ended.');
    await endOthers(page);
    assert.equal(await page.getByRole('status').textContent(), 'All other sessions were ended.');
  });
  const run = async (page: Page) => assert.equal(await heading(page), 'Sign in');
  await visit(browser, address('/dashboard'), run, { cookies: doomed ? [doomed] : [] });
});
