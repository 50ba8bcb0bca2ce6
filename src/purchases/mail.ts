import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import type { Line } from './link_queries.ts';

export interface MailedLine extends Pick<Line, 'product_name' | 'version' | 'organisation_name' | 'customer_email'> {
  readonly link: string;
}

/**
 * Brings a customer the links to what they bought, and the way to the page that has them for ever. Nothing in it comes
 * from a form of the shop, such as the customer's name: strangers could be sent any text that way, in the publisher's
 * name.
 */
export function purchaseMail(lines: readonly [MailedLine, ...MailedLine[]], my: string): Mail {
  const [{ organisation_name: organisation, customer_email }] = lines;
  const later =
    lines.length === 1
      ? 'The link works for 24 hours. After that, get a fresh one here, whenever you want:'
      : 'The links work for 24 hours. After that, get fresh ones here, whenever you want:';
  return letter(customer_email, `Your ${lines.length === 1 ? 'download' : 'downloads'} from ${organisation}`, [
    `Thank you for buying from ${organisation}.`,
    ...lines.map(linkOf),
    later,
    { link: my },
  ]);
}

function linkOf({ product_name, version, link }: MailedLine) {
  return { title: `${product_name} ${version ?? ''}`.trimEnd(), link, label: 'Download' };
}
