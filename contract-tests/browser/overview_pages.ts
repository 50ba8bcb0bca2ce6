import type { Page } from 'playwright-core';
import { unsubscribeToken } from '../../src/releases/rules.ts';
import type { People } from './people.ts';
import type { ShownPage } from './pages.ts';

async function openTable(page: Page): Promise<void> {
  await page.getByText('As a table').click();
}

const unsubscribing =
  (email: string) =>
  ({ scene: { server, account } }: People): string => {
    const token = unsubscribeToken(server.deps.vault, { organisationId: account.orgId, email });
    return `/unsubscribe?token=${token}`;
  };

async function unsubscribe(page: Page): Promise<void> {
  const ask = page.getByRole('button', { name: 'Unsubscribe' });
  // Another width has done so before.
  if (await ask.isVisible()) await ask.click();
  await page.getByRole('heading', { name: 'Unsubscribed' }).waitFor();
}

const DAY = 24 * 60 * 60 * 1000;
const day = (ago: number): string => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);

async function subscribeAgain(page: Page): Promise<void> {
  await unsubscribe(page);
  await page.getByRole('button', { name: 'again' }).click();
  await page.getByRole('button', { name: 'again' }).waitFor({ state: 'detached' });
}

/** The figures, and the page that ends news about them. */
export const overviewPages: readonly ShownPage[] = [
  { name: 'overview', path: '/dashboard', as: 'owner' },
  { name: 'overview-table', path: '/dashboard', as: 'owner', prepare: openTable },
  { name: 'overview-year', path: '/dashboard?from=2025-12-01', as: 'owner' },
  { name: 'overview-week', path: `/dashboard?from=${day(6)}`, as: 'owner' },
  { name: 'overview-years', path: '/dashboard?from=2024-01-01', as: 'member' },
  { name: 'overview-product', path: ({ product }) => `/dashboard?product=${product}`, as: 'owner' },
  { name: 'overview-nothing', path: '/dashboard?from=2020-01-01&to=2020-01-31', as: 'owner' },
  { name: 'overview-wrong', path: '/dashboard?from=2026-02-31', as: 'owner' },
  { name: 'overview-backwards', path: '/dashboard?from=2026-11-02&to=2026-11-01', as: 'owner' },
  { name: 'overview-empty', path: '/dashboard', as: 'newcomer' },
  { name: 'unsubscribe', path: unsubscribing('ada@example.com'), as: 'visitor' },
  { name: 'unsubscribed', path: unsubscribing('jon@example.com'), as: 'visitor', prepare: unsubscribe },
  { name: 'subscribed-again', path: unsubscribing('tom@example.com'), as: 'visitor', prepare: subscribeAgain },
  { name: 'unsubscribe-dead', path: '/unsubscribe?token=a', as: 'visitor' },
];
