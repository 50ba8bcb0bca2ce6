import type { Page } from 'playwright-core';
import { unsubscribeToken } from '../../src/releases/rules.ts';
import type { People } from './people.ts';
import type { ShownPage } from './pages.ts';

async function openTable(page: Page): Promise<void> {
  await page.getByText('As a table').click();
}

const unsubscribing = ({ scene: { server, account } }: People): string => {
  const token = unsubscribeToken(server.deps.vault, { organisationId: account.orgId, email: 'customer@example.com' });
  return `/unsubscribe?token=${token}`;
};

async function unsubscribe(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await page.getByRole('heading', { name: 'Unsubscribed' }).waitFor();
}

/** The figures, and the page that ends news about them. */
export const overviewPages: readonly ShownPage[] = [
  { name: 'overview', path: '/dashboard', as: 'owner' },
  { name: 'overview-table', path: '/dashboard', as: 'owner', prepare: openTable },
  { name: 'overview-year', path: '/dashboard?from=2025-12-01', as: 'owner' },
  { name: 'overview-product', path: ({ product }) => `/dashboard?product=${product}`, as: 'owner' },
  { name: 'overview-nothing', path: '/dashboard?from=2020-01-01&to=2020-01-31', as: 'owner' },
  { name: 'overview-wrong', path: '/dashboard?from=2026-02-31', as: 'owner' },
  { name: 'overview-empty', path: '/dashboard', as: 'newcomer' },
  { name: 'unsubscribe', path: unsubscribing, as: 'visitor' },
  { name: 'unsubscribed', path: unsubscribing, as: 'visitor', prepare: unsubscribe },
  { name: 'unsubscribe-dead', path: '/unsubscribe?token=a', as: 'visitor' },
];
