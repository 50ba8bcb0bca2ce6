import type { Page } from 'playwright-core';
import type { Application } from './applications.ts';
import type { Site } from './site.ts';

const LONGEST_WAIT = 15_000;

/** A browser that knows nothing yet. What a page's own policy kept it from doing fails the visit. */
export async function visit<T>(site: Site, run: (page: Page) => Promise<T>): Promise<T> {
  const context = await site.browser.newContext();
  context.setDefaultTimeout(LONGEST_WAIT);
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  const page = await context.newPage();
  try {
    const result = await run(page);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    return result;
  } catch (error) {
    const seen = await page.innerText('body').catch(() => '');
    throw new Error(`${String(error)}\non ${page.url()}: ${seen.slice(0, 300)} ${complaints.join(' ')}`);
  } finally {
    await context.close();
  }
}

/** Opens the address, signs in, agrees; answers the words of the consent page. */
export async function grant(page: Page, site: Site, url: string): Promise<string> {
  await page.goto(url);
  return grantHere(page, site);
}

/** The same from where the browser was sent. */
export async function grantHere(page: Page, site: Site): Promise<string> {
  await signIn(page, site);
  const allow = page.getByRole('button', { name: 'Allow', exact: true });
  await allow.waitFor();
  const words = await page.locator('main').innerText();
  await allow.click();
  return words;
}

export async function deny(page: Page, site: Site): Promise<void> {
  await signIn(page, site);
  await page.getByRole('button', { name: 'Deny', exact: true }).click();
}

/** The out-of-band code that the page shows. */
export function copiedCode(page: Page): Promise<string> {
  return page.getByLabel('Authorization code').inputValue();
}

/** From the dashboard to “Create an application”, as a person does it; answers what the page shows once. */
export async function createApplicationOnPages(
  page: Page,
  site: Site,
  { name, redirect }: { name: string; redirect: string },
): Promise<Application> {
  await page.goto(`${site.url}/dashboard`);
  await signIn(page, site);
  await page.getByRole('link', { name: 'Create an application' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Redirect URIs').fill(redirect);
  await page.getByRole('button', { name: 'Create application' }).click();
  return {
    clientId: await page.getByLabel('Client ID').inputValue(),
    clientSecret: await page.getByLabel('Client secret').inputValue(),
  };
}

/** What a user does who wants an application to have no access any more. */
export async function revokeOnPages(page: Page, site: Site, name: string): Promise<void> {
  await page.goto(`${site.url}/dashboard/authorizations`);
  await signIn(page, site);
  await page.getByRole('button', { name: `Revoke ${name}`, exact: true }).click();
  await page.waitForURL(/done=/);
}

export async function signIn(page: Page, { marco }: Site): Promise<void> {
  await page.getByLabel('E-mail address').fill(marco.email);
  await page.getByLabel('Password').fill(marco.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
