import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { createApplication } from './applications.ts';
import { deny, grantHere, signIn, visit } from './pages.ts';
import type { Site } from './site.ts';

/** A page of another origin that gets its token in the fragment, then asks by fetch and by JSON-P. */
export async function implicit(tally: Tally, scene: Scene, site: Site): Promise<void> {
  const settings = { site: site.url, clientId: '' };
  const home = await serve(scene, settings, site.secure ? '127.0.0.1' : 'localhost');
  const registration = { name: 'Page', redirect_uris: [home], confidential: false, implicit: true };
  settings.clientId = (await createApplication(site, registration)).clientId;

  await visit(site, async (page) => {
    await page.goto(home);
    await page.getByText('Connect with Continuity').click();
    await grantHere(page, site);
    const answered = JSON.parse(await text(page, 'answered')) as Record<string, unknown>;
    const whole = answered.token === true && answered.mine === true && answered.token_type === 'Bearer';
    tally.check('the fragment brings a Bearer token and the state', whole, answered);
    tally.check('iss names the server (RFC 9207)', answered.iss === site.url, answered);
    tally.check('without expires_in, for it never expires', !('expires_in' in answered), answered);
    const fetched = await text(page, 'fetched');
    const expected = '{"response":{"email":"marco@continuityapp.com"}}';
    tally.check('fetch with Authorization reads whoami across origins', fetched === `200 with id ${expected}`, fetched);
    tally.check('the script tag calls the function', (await text(page, 'called')) === expected);
    const refused = await text(page, 'refused');
    tally.check('a page can read a 401', refused === '401 with id {"error":{"generic":["unauthorized"]}}', refused);
  });
  const answered = async (decide: (page: Page, site: Site) => Promise<void>) =>
    visit(site, async (page) => {
      await page.goto(home);
      await page.getByText('Connect with Continuity').click();
      await decide(page, site);
      return JSON.parse(await text(page, 'answered')) as Record<string, unknown>;
    });
  const denied = await answered(deny);
  const told = denied.error === 'access_denied' && denied.mine === true && denied.token === false;
  tally.check('a refusal comes back as access_denied', told, denied);
  settings.clientId = (await createApplication(site, { ...registration, implicit: false })).clientId;
  // From the sign-in form straight back to the page: a policy of that form must not stop it.
  const unallowed = await answered(signIn);
  const refused = unallowed.error === 'unauthorized_client' && unallowed.token === false;
  tally.check('an application without the implicit flow gets unauthorized_client', refused, unallowed);
}

/** The text of an output once there is some. */
async function text(page: Page, id: string): Promise<string> {
  const output = page.locator(`#${id}:not(:empty)`);
  await output.waitFor();
  return (await output.textContent()) ?? '';
}

/** Serves the folder on an origin of its own; answers the page's address. */
async function serve(scene: Scene, settings: object, host: string): Promise<string> {
  const read = (name: string) => readFile(new URL(`implicit/${name}`, import.meta.url));
  const [html, script] = await Promise.all([read('page.html'), read('page.js')]);
  const server = createServer((request, response) => {
    const isPage = request.url === '/';
    response.setHeader('Content-Type', isPage ? 'text/html; charset=utf-8' : 'text/javascript');
    if (isPage) response.end(html);
    else if (request.url === '/page.js') response.end(script);
    else if (request.url === '/settings.js') response.end(`window.settings = ${JSON.stringify(settings)};`);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  scene.onEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${host}:${(server.address() as AddressInfo).port}/`;
}
