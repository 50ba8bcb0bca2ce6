import type { Mail } from '../mail/mail.ts';
import { sentMail } from './mail.ts';
import { createPageClient, type Page, type PageClient } from './pages.ts';
import { createPortalToken, CUSTOMER_COOKIE } from './portal.ts';
import { openSelling, type Selling } from './selling.ts';

/** What customers see, and the browsers that they see it in. */
export interface PortalPages extends Selling {
  /** The address of a customer with one purchase. */
  newBuyer(): Promise<string>;
  /** A browser in which nobody is signed in. */
  stranger(): PageClient;
  asCustomer(email: string): Promise<PageClient>;
  askIn(browser: PageClient, email: string): Promise<Page>;
  /** Types the code into the page `from`. */
  enterIn(browser: PageClient, code: string, from?: string): Promise<Page>;
  /** The last mail to the address. */
  mailTo(email: string): Promise<Mail>;
  isSignedIn(browser: PageClient, email: string): Promise<boolean>;
}

export async function openPortalPages(): Promise<PortalPages> {
  const selling = await openSelling();
  const { server } = selling;
  const stranger = () => createPageClient(server);
  return {
    ...selling,
    newBuyer: async () => (await selling.newCustomer()).email,
    stranger,
    async asCustomer(email) {
      const browser = stranger();
      browser.cookies.set(CUSTOMER_COOKIE, await createPortalToken(server.deps, email, 'browser'));
      return browser;
    },
    askIn: (browser, email) => browser.submit('/my', { email }),
    enterIn: (browser, code, from = '/my/code') => browser.submit('/my/code', { code }, { from }),
    async mailTo(email) {
      const mail = (await sentMail(server)).filter(({ to }) => to === email).at(-1);
      if (!mail) throw new Error('no mail');
      return mail;
    },
    isSignedIn: async (browser, email) => (await browser.get('/my')).text.includes(email),
  };
}

/** Status of a redirect, and where it leads. */
export const where = ({ status, headers }: Page) => [status, headers.location];
