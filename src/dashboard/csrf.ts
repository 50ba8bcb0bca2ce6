import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * What every form of a browser carries: derived from a secret that only this browser's cookie holds, so no other site
 * can know it, and it ends with the session.
 */
export function csrfOf(cookie: string): string {
  return createHmac('sha256', cookie).update('csrf').digest('base64url');
}

export function isCsrf(expected: string, sent: string | null): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(sent ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Whether the browser says that another site's page sent this. `Sec-Fetch-Site` cannot be forged by a page; where it is
 * missing (plain HTTP to another machine) `Origin` decides, and `null` says nothing: then the form's token alone does.
 */
export function isForeign({ headers }: IncomingMessage, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  return origin !== undefined && origin !== 'null' && origin !== new URL(publicUrl).origin;
}
