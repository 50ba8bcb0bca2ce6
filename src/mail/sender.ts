import { isIP } from 'node:net';
import type { Sender } from './message.ts';

/** `shop@example.com` or `Shop <shop@example.com>`; `undefined` for anything else. */
export function parseSender(text: string): Sender | undefined {
  const [, name = '', address] = /^(?:([^<>"\r\n]*)<)?([\x21-\x7e]+@[\w.-]+)>?$/.exec(text.trim()) ?? [];
  if (address === undefined || /[<>,;"@]/.test(address.slice(0, address.lastIndexOf('@')))) return undefined;
  return text.trim().endsWith('>') === text.includes('<') ? { name: name.trim(), address } : undefined;
}

/** Who our messages are from: `MAIL_FROM`, else nobody who reads answers. */
export function senderOf({ mailFrom, publicUrl }: { mailFrom: Sender | undefined; publicUrl: string }): Sender {
  return mailFrom ?? senderAt(publicUrl);
}

/** At the host of PUBLIC_URL. */
export function senderAt(publicUrl: string): Sender {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  return { name: 'Continuity', address: `no-reply@${isIP(host) ? 'localhost' : host}` };
}
