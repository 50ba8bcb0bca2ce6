import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import type { ShownPage } from './pages.ts';
import type { People } from './people.ts';

const INTEGRATIONS = '/dashboard/integrations';
const MAILS = '/dashboard/mails';
const WEBHOOKS = '/dashboard/webhooks';

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function setShortly(page: Page): Promise<void> {
  await page.getByLabel('Signing secret').fill('short');
  await press(page, 'Replace');
  await page.locator('.wrong').waitFor();
}

async function mapTwice(page: Page, { product }: People): Promise<void> {
  await page.getByLabel('Product').selectOption(product);
  await page.getByLabel('Item').fill('plink_1NG8Du2eZvKYlo2C');
  await press(page, 'Map');
  await page.locator('.wrong').waitFor();
}

/** Of a product that was archived while the page was open. */
async function mapForeign(page: Page): Promise<void> {
  await page.evaluate("document.querySelector('[name=productId] option').value = 'archived'");
  await page.getByLabel('Product').selectOption('archived');
  await press(page, 'Map and replay');
  await page.locator('.wrong').waitFor();
}

async function makeUrl(page: Page): Promise<void> {
  await press(page, 'Generate webhook URL');
  await page.getByText('shown now and never again').waitFor();
}

/** The line with that item's name or number. */
async function lineOf({ scene, accounts }: People, externalId: string): Promise<string> {
  const { id } = await scene.server.deps.db
    .selectFrom('order_lines')
    .select('id')
    .where('organisation_id', '=', accounts.admin.orgId)
    .where(sql<boolean>`external_ids @> array[${externalId}]`)
    .executeTakeFirstOrThrow();
  return `${INTEGRATIONS}/unmapped/${id}`;
}

/** Whoever sells: shops and payment providers, what they report, and what customers are mailed. */
export const sellingPages: readonly ShownPage[] = [
  { name: 'integrations', path: INTEGRATIONS, as: 'admin' },
  { name: 'integrations-none', path: INTEGRATIONS, as: 'newcomer' },
  { name: 'integrations-applied', path: `${INTEGRATIONS}?done=line_applied`, as: 'owner' },
  { name: 'integrations-wrong', path: INTEGRATIONS, as: 'admin', prepare: mapTwice },
  { name: 'integrations-member', path: INTEGRATIONS, as: 'member' },
  { name: 'integration-none', path: `${INTEGRATIONS}/shopify`, as: 'newcomer' },
  { name: 'integration-set', path: `${INTEGRATIONS}/stripe?done=secret_set`, as: 'admin' },
  { name: 'integration-wrong', path: `${INTEGRATIONS}/stripe`, as: 'admin', prepare: setShortly },
  { name: 'integration-url', path: `${INTEGRATIONS}/vibracartpro`, as: 'admin' },
  { name: 'integration-url-new', path: `${INTEGRATIONS}/vibracartpro`, as: 'newcomer', prepare: makeUrl },
  { name: 'unmapped', path: (people) => lineOf(people, 'price_1NG8Du'), as: 'admin' },
  { name: 'unmapped-wrong', path: (people) => lineOf(people, '49148385'), as: 'admin', prepare: mapForeign },
  { name: 'unmapped-nobody', path: (people) => lineOf(people, 'epic'), as: 'admin' },
  { name: 'webhooks', path: WEBHOOKS, as: 'admin' },
  { name: 'webhooks-failed', path: `${WEBHOOKS}?status=failed&vendor=shopify`, as: 'owner' },
  { name: 'webhooks-none', path: WEBHOOKS, as: 'newcomer' },
  { name: 'webhooks-none-such', path: `${WEBHOOKS}?status=ignored&vendor=fastspring`, as: 'admin' },
  { name: 'mails', path: MAILS, as: 'admin' },
  { name: 'mails-failed', path: `${MAILS}?status=failed&recipient=jon%40example.com&done=mail_retried`, as: 'owner' },
  { name: 'mails-none', path: MAILS, as: 'newcomer' },
];
