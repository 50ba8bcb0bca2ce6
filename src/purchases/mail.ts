import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import type { Line } from './link_queries.ts';

export interface MailedLine extends Pick<Line, 'product_name' | 'version' | 'organisation_name' | 'customer_email'> {
  readonly link: string;
}

/**
 * Brings a customer the links to what they bought, and the way to the page that has them for ever. Nothing in it comes from a form of the shop, such as the customer's
 * name: strangers could be sent any text that way, in the publisher's name.
 */
export function purchaseMail(lines: readonly [MailedLine, ...MailedLine[]], my: string): Mail {
  const [{ organisation_name: organisation, customer_email }] = lines;
  const later =
    lines.length === 1
      ? 'The link works for 24 hours. When it has expired, get a fresh one here, whenever you want:'
      : 'The links work for 24 hours. When they have expired, get fresh ones here, whenever you want:';
  return letter(customer_email, `Your download from ${organisation}`, [
    `Thank you for buying from ${organisation}. Here is your download:`,
    ...lines.flatMap(({ product_name, version, link }) => [`${product_name} ${version ?? ''}`, { link }]),
    later,
    { link: my },
  ]);
}
