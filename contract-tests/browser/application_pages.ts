import type { Page } from 'playwright-core';
import { type ApplicationCreate, register } from '../../src/applications/actions.ts';
import { createAccessToken } from '../../src/testing/applications.ts';
import type { ShownPage } from './pages.ts';
import type { People } from './people.ts';

const LIST = '/dashboard/applications';
const NEW = `${LIST}/new`;
const API_KEY = '/dashboard/settings/api-key';
const AUTHORIZATIONS = '/dashboard/authorizations';
const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

const BOT: ApplicationCreate = {
  name: 'Release Bot',
  description: 'Publishes our nightly builds.',
  redirect_uris: [OUT_OF_BAND, 'https://app.example.com/oauth_redirect'],
};

async function registered({ scene, accounts }: People, fields: ApplicationCreate = BOT): Promise<string> {
  const { deps } = scene.server;
  const actor = { organisationId: accounts.admin.orgId, userId: accounts.admin.userId };
  return (await register(deps.db, deps, actor, fields)).row.id;
}

const onApplication =
  (more = '', fields = BOT) =>
  async (people: People) =>
    `${LIST}/${await registered(people, fields)}${more}`;

/** Names that people choose, and names that they should not. */
async function severalApplications(people: People): Promise<string> {
  const names = ['<script>alert(1)</script>', 'مساعد النشر', 'Averyveryverylongname'.repeat(4), '🥁'];
  for (const name of names) await registered(people, { ...BOT, name, confidential: false });
  return LIST;
}

async function severalGrants({ scene, accounts }: People): Promise<string> {
  await createAccessToken(scene.server.deps, accounts.admin, ['user']);
  await createAccessToken(scene.server.deps, accounts.admin, ['user', 'products', 'build_requests_create']);
  return AUTHORIZATIONS;
}

const press = (page: Page, name: string) => page.getByRole('button', { name }).click();

async function create(page: Page, uris = OUT_OF_BAND): Promise<void> {
  await page.getByLabel('Name').fill(BOT.name);
  await page.getByLabel('Redirect URIs').fill(uris);
  await press(page, 'Create application');
}

async function createWrongly(page: Page): Promise<void> {
  await page.getByLabel('Public').check();
  await page.getByLabel('Allow the implicit flow').check();
  await create(page, 'javascript:alert(1)\nhttps://app.example.com/cb\nhttps://app.example.com/cb');
  await page.getByRole('alert').waitFor();
}

async function createWell(page: Page): Promise<void> {
  await create(page);
  await page.getByRole('button', { name: 'Copy' }).first().waitFor();
}

const PUBLIC = { ...BOT, name: 'Command line', confidential: false, implicit: true };

/** Applications, the API key, and what was granted. */
export const applicationPages: readonly ShownPage[] = [
  { name: 'applications-empty', path: LIST, as: 'newcomer' },
  { name: 'applications', path: severalApplications, as: 'admin' },
  { name: 'applications-member', path: LIST, as: 'member' },
  { name: 'application-new', path: NEW, as: 'admin' },
  { name: 'application-new-wrong', path: NEW, as: 'admin', prepare: createWrongly },
  { name: 'application-created', path: NEW, as: 'admin', prepare: createWell },
  { name: 'application-sent-before', path: `${LIST}?done=application_sent_before`, as: 'admin' },
  { name: 'application', path: onApplication(), as: 'admin' },
  { name: 'application-public', path: onApplication('?done=application_updated', PUBLIC), as: 'admin' },
  { name: 'application-rotate', path: onApplication('/rotate-secret'), as: 'admin' },
  {
    name: 'application-rotated',
    path: onApplication('/rotate-secret'),
    as: 'admin',
    prepare: (page) => press(page, 'Make a new secret'),
  },
  { name: 'application-delete', path: onApplication('/delete'), as: 'admin' },
  { name: 'api-key', path: API_KEY, as: 'member' },
  { name: 'api-key-refresh', path: `${API_KEY}/refresh`, as: 'member' },
  {
    name: 'api-key-new',
    path: `${API_KEY}/refresh`,
    as: 'newcomer',
    prepare: (page) => press(page, 'Re-create the key'),
  },
  { name: 'authorizations', path: severalGrants, as: 'admin' },
  { name: 'authorizations-none', path: AUTHORIZATIONS, as: 'newcomer' },
];
