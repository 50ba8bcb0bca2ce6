import { randomUUID } from 'node:crypto';

/** Paths whose URLs carry secrets: no page may pass them on, no search engine keep them. */
const PRIVATE_PATHS = /^\/(download|my|oauth2)(\/|$)/;

export type Headers = Record<string, string | number>;

/** What every response carries (product.md, "Shared"), a new Request-Id among it. */
export function commonHeaders(path: string, noStore: boolean, strictTransport: boolean): Headers {
  const headers: Headers = {
    'Request-Id': randomUUID(),
    Vary: 'Accept',
    'Cache-Control': noStore ? 'no-store' : 'private',
    Server: 'ContinuityApp Web Services',
    'X-Content-Type-Options': 'nosniff',
  };
  if (PRIVATE_PATHS.test(path)) {
    headers['Referrer-Policy'] = 'no-referrer';
    headers['X-Robots-Tag'] = 'noindex';
  }
  if (strictTransport) headers['Strict-Transport-Security'] = 'max-age=31536000';
  return headers;
}
