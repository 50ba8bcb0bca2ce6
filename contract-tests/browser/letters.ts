import { test } from 'node:test';
import type { Browser } from 'playwright-core';
import { codeMail } from '../../src/portal/mail.ts';
import { invitationMail } from '../../src/invitations/mails.ts';
import { purchaseMail } from '../../src/purchases/mail.ts';
import { announcementMail } from '../../src/releases/mail.ts';
import { passwordResetMail } from '../../src/users/mails.ts';
import { WCAG } from './chromium.ts';
import { looksRight } from './visit.ts';

const SHOP = 'https://shop.example.com';
const TOKEN = '5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456';
const MY = `${SHOP}/my`;
const LINK = `${MY}/link?token=${TOKEN.slice(0, 43)}`;
const EMAIL = 'somebody.with.a.very.long.name.indeed@customers.of.small.publishers.example';
const PADS = 'Ambient Pads and Evolving Textures, Deluxe Edition (2026 remaster)';

const drums = {
  ...{ product_name: 'Epic Drums', version: '1.0.0', organisation_name: 'Audio Company', customer_email: EMAIL },
  link: `${SHOP}/download?token=${TOKEN}`,
};
const news = { organisation_name: 'Audio Company', product_name: 'Epic Drums', version: '2.0.0' };
const unsubscribe = `${SHOP}/unsubscribe?token=${TOKEN}${TOKEN}`;
const invitation = {
  ...{ id: '1', role: 'admin', inviter_email: 'ada@example.com', email: EMAIL, organisation_name: 'Audio Company' },
  ...{ inviter_name: null, created_at: new Date(0), expires_at: new Date(0) },
};

const letters = {
  purchase: purchaseMail([drums], MY),
  bundle: purchaseMail([drums, { ...drums, product_name: PADS }, { ...drums, product_name: 'طبول ملحمية' }], MY),
  code: codeMail({ email: EMAIL, code: '042137', link: LINK }),
  announcement: announcementMail(news, EMAIL, { my: MY, unsubscribe }),
  invitation: invitationMail(invitation, LINK),
  reset: passwordResetMail(EMAIL, LINK),
};

/** The HTML of what customers and users are mailed, as a browser shows it. */
export function testLetters(browser: () => Browser): void {
  for (const [name, { html }] of Object.entries(letters))
    test(`the mail "${name}" looks right`, async () => {
      const context = await browser().newContext();
      try {
        const page = await context.newPage();
        await page.setContent(html);
        // A mail needs no heading or landmarks.
        await looksRight(page, `mail-${name}`, WCAG);
      } finally {
        await context.close();
      }
    });
}
