import { isIP } from 'node:net';

/** Who our messages are from: nobody who reads answers, at the host of PUBLIC_URL. */
export function senderAt(publicUrl: string): { name: string; address: string } {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  return { name: 'Continuity', address: `no-reply@${isIP(host) ? 'localhost' : host}` };
}
