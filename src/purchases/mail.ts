import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import type { Line } from './link_queries.ts';

export interface MailedLine extends Pick<Line, 'product_name' | 'version' | 'organisation_name' | 'customer_email'> {
  readonly link: string;
}

/**
 * Brings a customer the links to what they bought. Nothing in it comes from a form of the shop, such as the customer's
 * name: strangers could be sent any text that way, in the publisher's name.
 */
export function purchaseMail(lines: readonly [MailedLine, ...MailedLine[]]): Mail {
  const [{ organisation_name: organisation, customer_email }] = lines;
  const later =
    lines.length === 1
      ? `The link works for 24 hours. When it has expired, ask ${organisation}: they can send you a fresh one.`
      : `The links work for 24 hours. When they have expired, ask ${organisation}: they can send you fresh ones.`;
  return letter(customer_email, `Your download from ${organisation}`, [
    `Thank you for buying from ${organisation}. Here is your download:`,
    ...lines.flatMap(({ product_name, version, link }) => [`${product_name} ${version ?? ''}`, { link }]),
    later,
  ]);
}
