import type { Page } from 'playwright-core';
import type { ShownPage } from './pages.ts';
import { expiredLink, mailedLink, type People } from './people.ts';

const USERS = '/dashboard/users';

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

const LONGEST = 'averyveryverylongmailboxname.with-many-parts@mail.department.averylongdomainname.example';

async function invited(people: People): Promise<string> {
  await mailedLink(people, 'invitation');
  await mailedLink(people, 'invitation', LONGEST);
  await expiredLink(people, 'invitation');
  return `${USERS}?done=invitation_sent`;
}

async function inviteWrongly(page: Page, { accounts }: People): Promise<void> {
  await page.getByLabel('E-mail address').fill(accounts.member.email);
  await page.getByLabel('Admin').check();
  await press(page, 'Send the invitation');
  await page.getByRole('alert').waitFor();
}

/** Of the organisation's last owner. */
async function stepDown(page: Page): Promise<void> {
  await page.getByLabel('Member').check();
  await press(page, 'Save');
  await page.getByRole('alert').waitFor();
}

const member = ({ accounts }: People) => `${USERS}/${accounts.member.userId}`;
const newcomer = ({ accounts }: People) => `${USERS}/${accounts.newcomer.userId}`;

/** What owners see of the others. */
export const userPages: readonly ShownPage[] = [
  { name: 'users', path: invited, as: 'owner' },
  { name: 'users-alone', path: USERS, as: 'newcomer' },
  { name: 'users-invite-wrong', path: USERS, as: 'newcomer', prepare: inviteWrongly },
  { name: 'user', path: member, as: 'owner' },
  { name: 'user-last-owner', path: newcomer, as: 'newcomer', prepare: stepDown },
  { name: 'user-remove', path: (people) => `${member(people)}/remove`, as: 'owner' },
  { name: 'user-remove-self', path: (people) => `${newcomer(people)}/remove`, as: 'newcomer' },
];
