import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';

export function passwordResetMail(email: string, link: string): Mail {
  return letter(email, 'Choose a new password', [
    `Somebody, most likely you, asked for a new password for ${email}. Follow the link to choose one. It works once, for an hour:`,
    { link, label: 'Choose a new password' },
    'If it was not you, do nothing: your password stays as it is.',
  ]);
}

export function passwordChangedMail(email: string, resetPage: string): Mail {
  return letter(email, 'Your password was changed', [
    `The password of ${email} was changed, and every other browser was signed out.`,
    'If it was not you, choose a new one at once:',
    { link: resetPage, label: 'Choose a new password' },
  ]);
}

/** A key that somebody else has made works on when the password is changed, so its owner must know of it. */
export function apiKeyRefreshedMail(email: string, keyPage: string): Mail {
  return letter(email, 'Your API key was replaced', [
    `A new API key was made for ${email}, and the old one stopped working.`,
    'If it was not you, choose a new password, then make another key:',
    { link: keyPage, label: 'Go to your API key' },
  ]);
}

/** To the new address: proves that its mailbox is the user's. */
export function emailChangeMail(email: string, link: string): Mail {
  return letter(email, 'Confirm your e-mail address', [
    `You asked to sign in as ${email} from now on. Follow the link to confirm it. It works once, for a day:`,
    { link, label: 'Confirm the address' },
    'If you did not ask for this, do nothing: nothing will change.',
  ]);
}

/** To the old address. */
export function emailChangedMail(old: string, email: string): Mail {
  return letter(old, 'Your e-mail address was changed', [
    `Your account's e-mail address was changed from ${old} to ${email}. You sign in with the new one.`,
    'If it was not you, ask an owner of your organisation to remove the account, or write to our support.',
  ]);
}
