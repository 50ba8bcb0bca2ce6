import { createPageClient, type PageClient } from '../../src/testing/pages.ts';

/**
 * `npx grant ADDRESS` is the reader's browser: signs in with $EMAIL and $PASSWORD, opens the address at
 * `/oauth2/authorize`, presses Allow, and prints where that leads, or the code that the page shows. A redirect to this
 * machine is followed, so that the program that listens there gets its code.
 */
const { EMAIL = '', PASSWORD = '' } = process.env;
const address = new URL(process.argv[2] ?? '');
const browser = createPageClient({ url: address.origin });
await browser.submit('/dashboard/sign-in', { email: EMAIL, password: PASSWORD });
console.log(await allow(browser, address));

async function allow({ get, submit }: PageClient, { pathname, search }: URL): Promise<string> {
  const { html, text } = await get(pathname + search);
  if (!html.includes('value="approve"')) throw new Error(`it does not ask for access: ${text}`);
  const fields = [...html.matchAll(/<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"/g)];
  const named = fields.map(([, name, value = '']) => [name, value.replaceAll('&amp;', '&')]);
  const question = { ...(Object.fromEntries(named) as Record<string, string>), decision: 'approve' };
  const { headers, html: page, text: answer } = await submit('/dashboard/authorize', question);
  if (headers.location === undefined) return code(page) ?? answer;
  if (new URL(headers.location).hostname === '127.0.0.1') await fetch(headers.location);
  return headers.location;
}

function code(html: string): string | undefined {
  return /ctc_[\w-]{43}/.exec(html)?.[0];
}
