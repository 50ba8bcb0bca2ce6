import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import { CODE_MINUTES } from './rules.ts';

interface CodeMail {
  readonly email: string;
  readonly code: string;
  readonly link: string;
}

/** The code is not in the subject: that is shown on locked screens. */
export function codeMail({ email, code, link }: CodeMail): Mail {
  return letter(email, 'Your code for your downloads', [
    `Somebody, most likely you, wants to see what was bought as ${email}. Type this code into the page where you asked for it:`,
    { code },
    'Or open this link, and press the button on its page:',
    { link, label: 'Open your downloads' },
    `Both work for ${CODE_MINUTES} minutes, and one of them once. If it was not you, do nothing: without this mail nobody gets in.`,
  ]);
}
