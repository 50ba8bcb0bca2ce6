import type { Page } from 'playwright-core';
import { OUT_OF_BAND } from '../../src/oauth2/redirect_uri.ts';
import { SCOPES } from '../../src/oauth2/scopes.ts';
import { createTestApplication } from '../../src/testing/applications.ts';
import type { ShownPage } from './pages.ts';
import type { People } from './people.ts';

interface Asked {
  readonly name?: string;
  readonly redirectUri?: string;
  readonly scope?: string;
  /** By the implicit flow, of an application without a secret. */
  readonly implicit?: boolean;
}

/** The address that an application sends its user to. */
const consent =
  ({
    name = 'Release Bot',
    redirectUri = 'https://app.example.com/oauth_redirect',
    scope = 'user',
    implicit = false,
  }: Asked = {}) =>
  async ({ scene, accounts }: People) => {
    const options = { name, redirectUris: [redirectUri], implicit, public: implicit };
    const response_type = implicit ? 'token' : 'code';
    const { clientId } = await createTestApplication(scene.server.deps, accounts.newcomer, options);
    return `/oauth2/authorize?${new URLSearchParams({ response_type, client_id: clientId, scope })}`;
  };

const press = (name: string) => (page: Page) => page.getByRole('button', { name }).click();

async function copyCode(page: Page): Promise<void> {
  await press('Allow')(page);
  await page.getByRole('button', { name: 'Copy' }).waitFor();
}

async function deny(page: Page): Promise<void> {
  await press('Deny')(page);
  await page.getByText('Access was denied').first().waitFor();
}

const LONG = { name: `${'Averyveryverylongname'.repeat(4)} مساعد`, scope: SCOPES.join(' ') };

/** Consent, the out-of-band code, and links that lead nowhere. */
export const consentPages: readonly ShownPage[] = [
  { name: 'consent', path: consent({ scope: 'user,build_requests_create' }), as: 'member' },
  { name: 'consent-long', path: consent(LONG), as: 'admin' },
  { name: 'consent-implicit', path: consent({ implicit: true }), as: 'member' },
  { name: 'consent-loopback', path: consent({ redirectUri: 'http://127.0.0.1:49152/callback' }), as: 'member' },
  { name: 'consent-program', path: consent({ redirectUri: 'com.example.app:/callback' }), as: 'member' },
  { name: 'consent-code', path: consent({ redirectUri: OUT_OF_BAND }), as: 'member', prepare: copyCode },
  { name: 'consent-denied', path: consent({ redirectUri: OUT_OF_BAND }), as: 'member', prepare: deny },
  { name: 'consent-wrong', path: consent({ redirectUri: OUT_OF_BAND, scope: 'everything' }), as: 'member' },
  { name: 'consent-broken', path: '/oauth2/authorize?client_id=1', as: 'visitor' },
  { name: 'consent-suspended', path: consent(), as: 'suspended' },
];
