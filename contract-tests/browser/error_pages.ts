import type { Page } from 'playwright-core';
import { fail } from '../../src/errors/fail.ts';
import type { ShownPage } from './pages.ts';
import type { People } from './people.ts';

const OVERVIEW = '/dashboard';

/** Opens the page once more while the server fails: every page asks for the time. */
const whileFailing =
  (failure: Error) =>
  async (page: Page, { scene }: People): Promise<void> => {
    const deps = scene.server.deps as { clock: () => Date };
    const { clock } = deps;
    deps.clock = () => {
      throw failure;
    };
    try {
      await page.reload();
    } finally {
      deps.clock = clock;
    }
    await page.getByText('Request number:').waitFor();
  };

/** The page stays open while its user signs out and in elsewhere. */
async function sendStaleForm(page: Page): Promise<void> {
  await page.evaluate(`for (const field of document.getElementsByName('csrf')) field.value = 'old'`);
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByText('out of date').first().waitFor();
}

/** Pages that nobody wants to see. */
export const errorPages: readonly ShownPage[] = [
  { name: 'not-found', path: '/dashboard/none', as: 'member' },
  { name: 'not-found-visitor', path: '/dashboard/none', as: 'visitor' },
  { name: 'too-low-a-role', path: '/dashboard/users', as: 'member' },
  { name: 'no-such-method', path: '/dashboard/sign-out', as: 'member' },
  { name: 'open-invoice', path: '/dashboard/applications/new', as: 'overdue' },
  { name: 'stale-form', path: '/dashboard/settings/profile', as: 'member', prepare: sendStaleForm },
  { name: 'broken', path: OVERVIEW, as: 'member', prepare: whileFailing(new Error('broken for the picture')) },
  { name: 'out-of-service', path: OVERVIEW, as: 'member', prepare: whileFailing(fail('unavailable')) },
];
