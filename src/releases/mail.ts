import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import type { News } from './queries.ts';

/** Tells a customer of a new version, with the way to it and the way out (RFC 8058: mail programs have a button for it). */
export function announcementMail(
  {
    organisation_name: organisation,
    product_name: product,
    version,
  }: Pick<News, 'organisation_name' | 'product_name' | 'version'>,
  to: string,
  { my, unsubscribe }: { readonly my: string; readonly unsubscribe: string },
): Mail {
  const mail = letter(to, `${product} ${version} is out`, [
    `${product} ${version} is out. You bought ${product} from ${organisation}, so you can download it whenever you want:`,
    { link: my, label: 'Get the new version' },
    `You get this mail because you are a customer of ${organisation}. If you want no more news of new versions from them:`,
    { link: unsubscribe, label: 'Unsubscribe', quiet: true },
  ]);
  return {
    ...mail,
    headers: { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  };
}
