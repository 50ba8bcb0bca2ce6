import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { buildDocs } from '../../src/build/docs.ts';
import { createTestApplication } from '../../src/testing/applications.ts';
import { accessibilityProblems, openChromium, WCAG } from './chromium.ts';
import { openPeople, type People } from './people.ts';
import { openScene, type Scene } from './scene.ts';
import { visit, type VisitOptions } from './visit.ts';

let folder: string;
let scene: Scene;
let browser: Browser;
let people: People;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'continuity-docs-'));
  await buildDocs('.', folder);
  browser = await openChromium();
  scene = await openScene({ docs: pathToFileURL(`${folder}/`) });
  people = await openPeople(scene);
});
after(async () => {
  await browser?.close();
  await scene?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the page's policy refused. Runs in the page. */
const WATCH_POLICY = `globalThis.refused = [];
addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) => refused.push(violatedDirective + ' ' + sample));`;

const ready = (page: Page) => page.locator('#plain').waitFor({ state: 'detached' });
const placeOf = (page: Page, anchor: string) => page.locator(`[id="continuity/${anchor}"]`).first();

/** Opens the page at an anchor; fails for what the policy refuses and for any request that leaves the server. */
async function read(anchor: string, run: (page: Page) => Promise<void>, options: VisitOptions = {}): Promise<void> {
  const { url } = scene.server;
  const strangers: string[] = [];
  const init = async (page: Page) => {
    await page.addInitScript(WATCH_POLICY);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url) strangers.push(request.url());
    });
  };
  const all = async (page: Page) => {
    await ready(page);
    await run(page);
    assert.deepEqual(await page.evaluate('refused'), []);
    assert.deepEqual(strangers, []);
  };
  await visit(browser, `${url}/docs#${anchor}`, all, { init, ...options });
}

for (const [name, anchor] of [
  ['guides', 'guide/errors'],
  ['operation', 'tag/products/createProduct'],
  ['operation with several media types', 'tag/downloads/getDownload'],
] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${name} can be used by everybody (${colorScheme})`, async () => {
      await read(
        anchor,
        async (page) => {
          await placeOf(page, anchor).waitFor();
          for (const width of [360, 1280]) {
            await page.setViewportSize({ width, height: 900 });
            const problems = await accessibilityProblems(page);
            assert.deepEqual(
              problems.map((problem) => problem.slice(0, 400)),
              [],
            );
          }
          await page.setViewportSize({ width: 320, height: 740 });
          assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320);
        },
        { colorScheme, reducedMotion: 'reduce' },
      );
    });

test('every link leads to a place of the page', async () => {
  await read('', async (page) => {
    const broken = await page.evaluate(`[...document.querySelectorAll('main a[href^="#"]')]
      .map((link) => decodeURIComponent(link.getAttribute('href').slice(1)))
      .filter((anchor) => anchor.startsWith('guide/') && !document.getElementById('continuity/' + anchor))`);
    assert.deepEqual(broken, []);
    await page.locator('main a[href^="#tag/"]').first().click();
    const anchor = decodeURIComponent(new URL(page.url()).hash.slice(1));
    await placeOf(page, anchor).waitFor();
  });
});

test('every operation has its place', async () => {
  const { paths } = (await (await fetch(`${scene.server.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string; tags: string[] }>>;
  };
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  await read('', async (page) => {
    for (const { operationId, tags } of operations.filter((_operation, index) => index % 10 === 0)) {
      const anchor = `tag/${tags[0]}/${operationId}`;
      await page.evaluate(`location.hash = '#${anchor}'`);
      await placeOf(page, anchor).waitFor();
    }
  });
});

test('without script there are the guides and the operations', async () => {
  const check = async (page: Page) => {
    assert.equal(await page.getByRole('heading', { name: 'Errors', exact: true }).isVisible(), true);
    assert.equal(await page.getByText('POST /api/products', { exact: true }).isVisible(), true);
    assert.deepEqual(
      (await accessibilityProblems(page)).map((problem) => problem.slice(0, 300)),
      [],
    );
  };
  // The script is withheld, not switched off: axe-core is a script, too.
  const init = async (page: Page) => void (await page.route(/\.js$/, (route) => route.abort()));
  await visit(browser, `${scene.server.url}/docs`, check, { init, viewport: { width: 320, height: 740 } });
});

test('the keyboard finds an operation', async () => {
  await read('', async (page) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.type('Create a product');
    await page
      .getByRole('option', { name: /Create a product/ })
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#tag\/products\/createProduct$/);
  });
});

/** Until what fades in or slides is there. What goes with scrolling, or for ever, has no end in milliseconds. */
const settled = (page: Page) =>
  page.evaluate(`Promise.all(document.getAnimations()
    .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
    .map(({ finished }) => finished.catch(() => undefined)))`);

/** Opens the form that asks the server, and chooses how to say who asks. */
async function tryWith(page: Page, scheme: string): Promise<Locator> {
  await placeOf(page, 'tag/users/getUser')
    .getByRole('button', { name: /Test Request/ })
    .click();
  const dialog = page.getByRole('dialog').first();
  const chosen = dialog.getByRole('button', { name: /Auth Type/ });
  if (!(await chosen.textContent())?.includes(scheme)) {
    await chosen.click();
    const choices = page.getByRole('listbox');
    for (const name of ['apiKey', scheme]) {
      const choice = choices.locator('li', { hasText: new RegExp(`^\\s*${name}`) }).first();
      const before = await choice.getAttribute('aria-selected');
      await choice.click();
      await choice.and(page.locator(`[aria-selected="${before !== 'true'}"]`)).waitFor();
    }
    await chosen.click();
    await choices.waitFor({ state: 'hidden' });
    await chosen.filter({ hasText: scheme }).waitFor();
  }
  return dialog;
}

/** Sends the request: the answer is the member's account, its id as the server wrote it. */
async function send(dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: /^Send get/i }).click();
  const answer = dialog.locator('.body-raw');
  const { userId, email } = people.accounts.member;
  await answer.getByText(`"${email}"`).waitFor();
  assert.match((await answer.textContent()) ?? '', new RegExp(`"id": ${userId},`));
}

test('a request can be tried with the API key, and no id is rounded', async () => {
  await read('tag/users/getUser', async (page) => {
    const dialog = await tryWith(page, 'apiKey');
    await dialog.getByLabel(/Token/).first().fill(people.accounts.member.apiKey);
    await send(dialog);
  });
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`trying a request can be done by everybody (${colorScheme})`, async () => {
    const options = { colorScheme, reducedMotion: 'reduce', viewport: { width: 360, height: 740 } } as const;
    const check = async (page: Page) => {
      const dialog = await tryWith(page, 'apiKey');
      await dialog.getByLabel(/Token/).first().fill(people.accounts.member.apiKey);
      await send(dialog);
      await settled(page);
      // The dialog has a main part beside the page's.
      assert.deepEqual(
        (await accessibilityProblems(page, WCAG)).map((problem) => problem.slice(0, 400)),
        [],
      );
    };
    await read('tag/users/getUser', check, options);
  });

test('a request can be tried with Basic', async () => {
  await read('tag/users/getUser', async (page) => {
    const dialog = await tryWith(page, 'basic');
    await typeInto(dialog, 'Username', people.accounts.member.email);
    await dialog.getByLabel(/Password/).fill(people.accounts.member.apiKey);
    await send(dialog);
  });
});

test('a request can be tried for an application, by code and PKCE', async () => {
  const redirectUris = [`${scene.server.url}/docs`];
  const options = { redirectUris, public: true };
  const { clientId } = await createTestApplication(scene.server.deps, people.accounts.newcomer, options);
  await read('tag/users/getUser', async (page) => {
    const dialog = await tryWith(page, 'oauth2');
    await typeInto(dialog, 'Client ID', clientId);
    const opens = page.waitForEvent('popup');
    await dialog.getByRole('button', { name: 'Authorize' }).click();
    const window = await opens;
    await window.getByLabel('E-mail address').fill(people.accounts.member.email);
    await window.getByLabel('Password').fill(people.password);
    await window.getByRole('button', { name: 'Sign in' }).click();
    const closes = window.waitForEvent('close');
    await window.getByRole('button', { name: 'Allow' }).click();
    await closes;
    await dialog.getByRole('button', { name: 'Clear', exact: true }).waitFor();
    await send(dialog);
  });
});

/** Some fields are editors, which take keys only. */
async function typeInto(dialog: Locator, label: string, text: string): Promise<void> {
  await dialog.getByLabel(label, { exact: true }).click();
  await dialog.page().keyboard.type(text);
}
