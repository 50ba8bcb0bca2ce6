import type { Page } from 'playwright-core';
import { accountPages } from './account_pages.ts';
import { applicationPages } from './application_pages.ts';
import { buildingPages } from './building_pages.ts';
import { consentPages } from './consent_pages.ts';
import { errorPages } from './error_pages.ts';
import { overviewPages } from './overview_pages.ts';
import type { People, Who } from './people.ts';
import { sellingPages } from './selling_pages.ts';
import { userPages } from './user_pages.ts';

export interface ShownPage {
  /** Of its screenshots. */
  readonly name: string;
  readonly path: string | ((people: People) => string | Promise<string>);
  readonly as: Who;
  /** What a person does on the page before it is looked at. */
  prepare?(page: Page, people: People): Promise<void>;
}

const SIGN_IN = '/dashboard/sign-in';

async function signInWrongly(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill('nobody@a.example');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
}

/** Nobody gets further for a while. */
async function signInTooOften(page: Page, { scene }: People): Promise<void> {
  await signInWrongly(page);
  for (let tries = 0; tries < 10; tries++)
    await scene.server.deps.throttles.signInAccount.take('nobody@a.example').catch(() => undefined);
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Too many attempts').waitFor();
}

/** As a browser does that checks nothing itself. */
async function signInBlank(page: Page): Promise<void> {
  await page.evaluate('document.forms[0].noValidate = true');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.wrong').waitFor();
}

/** Every page for people, each in the states that look different: checked at both widths, in both schemes. */
export const pages: readonly ShownPage[] = [
  { name: 'sign-in', path: SIGN_IN, as: 'visitor' },
  { name: 'sign-in-blank', path: SIGN_IN, as: 'visitor', prepare: signInBlank },
  { name: 'sign-in-wrong', path: SIGN_IN, as: 'visitor', prepare: signInWrongly },
  { name: 'sign-in-slowed', path: SIGN_IN, as: 'visitor', prepare: signInTooOften },
  { name: 'signed-out', path: `${SIGN_IN}?done=signed_out`, as: 'visitor' },
  { name: 'suspended', path: '/dashboard', as: 'suspended' },
  ...overviewPages,
  ...sellingPages,
  ...applicationPages,
  ...buildingPages,
  ...consentPages,
  ...userPages,
  ...accountPages,
  ...errorPages,
];
