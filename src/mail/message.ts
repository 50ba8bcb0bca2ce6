import { type Mail, MailRefused } from './mail.ts';

export interface Sender {
  readonly name: string;
  readonly address: string;
}

/**
 * A message as nodemailer takes it. The address goes in as an object: taken as text, `a, b@example.com` would be two
 * people. nodemailer turns line breaks in headers into spaces, so that no header can be added.
 */
export function messageOf({ to, subject, text, html, headers }: Mail, id: string, from: Sender) {
  return {
    from: { ...from },
    to: { name: '', address: to },
    subject,
    text,
    html,
    messageId: `<${id}.continuity@${from.address.split('@')[1] ?? 'localhost'}>`,
    headers: { 'Auto-Submitted': 'auto-generated', ...headers },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const CONTROL = /[\p{Cc}\s]/u;
const ASCII = /^[\x21-\x7e]+$/;

/**
 * Refuses an address that no mail server could be told of. Other letters than ASCII before the `@` need SMTPUTF8 (RFC
 * 6531) on every server that the message passes, and few have it; after the `@` they are written as Punycode.
 */
export function requireAddress(address: string): void {
  const at = address.lastIndexOf('@');
  if (at < 1 || CONTROL.test(address)) throw new MailRefused('this is no address that mail can be sent to');
  if (!ASCII.test(address.slice(0, at)))
    throw new MailRefused('the address has letters before the @ that mail servers do not take (SMTPUTF8)');
}
