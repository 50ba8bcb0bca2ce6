import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createTestApplication } from '../../src/testing/applications.ts';
import { openChromium } from './chromium.ts';
import { openPeople, type People } from './people.ts';
import { openScene, type Scene } from './scene.ts';
import { visit, type VisitOptions } from './visit.ts';

let scene: Scene;
let browser: Browser;
let people: People;
let client: Server;
let redirectUri: string;
before(async () => {
  browser = await openChromium();
  scene = await openScene();
  people = await openPeople(scene);
  client = await listen(handle);
  redirectUri = `http://127.0.0.1:${portOf(client)}/callback`;
});
after(async () => {
  await browser?.close();
  client?.close();
  await scene?.stop();
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** The application's site: sends its visitor on to another of its hosts at once, as many do. */
const handle: RequestListener = ({ url = '' }, response) => {
  const { pathname, search } = new URL(url, 'http://client.invalid');
  if (pathname !== '/callback') return void response.setHeader('content-type', 'text/html').end('<h1>Welcome</h1>');
  response.writeHead(302, { location: `http://localhost:${portOf(client)}/welcome${search}` }).end();
};

async function request(): Promise<string> {
  const options = { redirectUris: [redirectUri] };
  const { clientId } = await createTestApplication(scene.server.deps, people.accounts.newcomer, options);
  const query = { response_type: 'code', client_id: clientId, state: 'a b' };
  return `${scene.server.url}/oauth2/authorize?${new URLSearchParams(query)}`;
}

async function answered(page: Page): Promise<URLSearchParams> {
  await page.waitForURL(/\/welcome\?/);
  assert.equal(await page.locator('h1').textContent(), 'Welcome');
  return new URL(page.url()).searchParams;
}

async function asMember(run: (page: Page) => Promise<void>, options: VisitOptions = {}): Promise<void> {
  await visit(browser, await request(), run, { cookies: await people.cookies('member'), ...options });
}

for (const javaScriptEnabled of [true, false])
  test(`allowing leads to the application, however it goes on (script: ${javaScriptEnabled})`, async () => {
    await asMember(
      async (page) => {
        await page.getByRole('button', { name: 'Allow' }).click();
        const answer = await answered(page);
        assert.match(answer.get('code') ?? '', /^ctc_/);
        assert.equal(answer.get('state'), 'a b');
        assert.equal(answer.get('iss'), scene.server.url);
      },
      { javaScriptEnabled },
    );
  });

test('the keyboard alone allows', async () => {
  await asMember(async (page) => {
    for (const name of ['Allow', 'Deny', 'Use another account']) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), name);
      assert.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid');
    }
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await answered(page);
  });
});

test('denying does, too', async () => {
  await asMember(async (page) => {
    await page.getByRole('button', { name: 'Deny' }).click();
    assert.equal((await answered(page)).get('error'), 'access_denied');
  });
});

test('who is not signed in signs in on the way', async () => {
  await visit(browser, await request(), async (page) => {
    await page.getByLabel('E-mail address').fill(people.accounts.member.email);
    await page.getByLabel('Password').fill(people.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    assert.match((await answered(page)).get('code') ?? '', /^ctc_/);
  });
});

test('another account can answer', async () => {
  await asMember(async (page) => {
    await page.getByRole('button', { name: 'Use another account' }).click();
    await page.getByLabel('E-mail address').fill(people.accounts.admin.email);
    await page.getByLabel('Password').fill(people.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(people.accounts.admin.email).waitFor();
    await page.getByRole('button', { name: 'Allow' }).click();
    await answered(page);
  });
});
