import type { Page } from 'playwright-core';
import type { ShownPage } from './pages.ts';
import { expiredLink, mailedLink, type People } from './people.ts';

const SETTINGS = '/dashboard/settings';
const RESET = '/dashboard/password-reset';

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
const fillIn = (page: Page, label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);

async function isRefused(page: Page, button: string): Promise<void> {
  await press(page, button);
  await page.locator('.wrong').first().waitFor();
}

/** As a browser does that checks nothing itself. */
async function askBlank(page: Page): Promise<void> {
  await page.evaluate('document.forms[0].noValidate = true');
  await isRefused(page, 'Mail me a link');
}

async function ask(page: Page): Promise<void> {
  await fillIn(page, 'E-mail address', 'nobody@a.example');
  await press(page, 'Mail me a link');
  await page.getByRole('status').waitFor();
}

async function choosePasswordWrongly(page: Page, button: string): Promise<void> {
  await fillIn(page, 'New password', 'short');
  await fillIn(page, 'New password, once more', 'other');
  await isRefused(page, button);
}

async function changePasswordWrongly(page: Page): Promise<void> {
  await fillIn(page, 'Current password', 'wrong');
  await choosePasswordWrongly(page, 'Change password');
}

async function changeAddressWrongly(page: Page): Promise<void> {
  await fillIn(page, 'New e-mail address', 'new@a.example');
  await fillIn(page, 'Current password', 'wrong');
  await isRefused(page, 'Change address');
}

async function acceptWrongly(page: Page): Promise<void> {
  await fillIn(page, 'Your name', 'مريم الخوارزمي');
  await choosePasswordWrongly(page, 'Create the account');
}

const invitation = (people: People) => mailedLink(people, 'invitation');

/** What everybody does with an account of their own: join, sign in again, settings. */
export const accountPages: readonly ShownPage[] = [
  { name: 'reset', path: RESET, as: 'visitor' },
  { name: 'reset-blank', path: RESET, as: 'visitor', prepare: askBlank },
  { name: 'reset-asked', path: RESET, as: 'visitor', prepare: ask },
  { name: 'reset-new', path: (people) => mailedLink(people, 'password_reset'), as: 'visitor' },
  {
    name: 'reset-new-wrong',
    path: (people) => mailedLink(people, 'password_reset'),
    as: 'visitor',
    prepare: (page) => choosePasswordWrongly(page, 'Set password'),
  },
  { name: 'reset-expired', path: (people) => expiredLink(people, 'password_reset'), as: 'visitor' },
  { name: 'invitation', path: invitation, as: 'visitor' },
  { name: 'invitation-wrong', path: invitation, as: 'visitor', prepare: acceptWrongly },
  { name: 'invitation-signed-in', path: invitation, as: 'member' },
  { name: 'invitation-expired', path: (people) => expiredLink(people, 'invitation'), as: 'visitor' },
  { name: 'invitation-unknown', path: '/dashboard/invitations/accept?token=none', as: 'visitor' },
  { name: 'profile', path: `${SETTINGS}/profile?done=email_asked`, as: 'member' },
  { name: 'profile-nameless', path: `${SETTINGS}/profile`, as: 'newcomer' },
  { name: 'profile-wrong', path: `${SETTINGS}/profile`, as: 'member', prepare: changeAddressWrongly },
  { name: 'email-confirm', path: (people) => mailedLink(people, 'email_change'), as: 'member' },
  { name: 'email-expired', path: (people) => expiredLink(people, 'email_change'), as: 'member' },
  { name: 'password', path: `${SETTINGS}/password`, as: 'member' },
  { name: 'password-wrong', path: `${SETTINGS}/password`, as: 'member', prepare: changePasswordWrongly },
  { name: 'sessions', path: `${SETTINGS}/sessions?done=session_ended`, as: 'admin' },
];
