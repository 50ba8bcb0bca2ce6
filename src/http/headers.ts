import { randomUUID } from 'node:crypto';

/** Paths whose URLs carry secrets: no page may pass them on, no search engine keep them. */
const PRIVATE_PATHS = /^\/(download|my|oauth2)(\/|$)/;

export type Headers = Record<string, string | number>;

/** What the response of the Fetch standard's CORS protocol needs for scripts of any site: nothing here knows cookies. */
export const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Link, Location, Request-Id, Retry-After, ETag',
};

const ALLOWED_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, Range';

/** The answer to a preflight request, on top of the common headers. */
export function preflightHeaders(allow: string): Record<string, string> {
  return {
    'Access-Control-Allow-Methods': allow,
    'Access-Control-Allow-Headers': ALLOWED_HEADERS,
    'Access-Control-Max-Age': '86400',
  };
}

export interface Traits {
  readonly noStore: boolean;
  /** HTTPS in production: HSTS (RFC 6797). */
  readonly strictTransport: boolean;
  readonly cors: boolean;
}

/** What every response carries (product.md, "Shared"), a new Request-Id among it. */
export function commonHeaders(path: string, { noStore, strictTransport, cors }: Traits): Headers {
  const headers: Headers = {
    'Request-Id': randomUUID(),
    Vary: 'Accept',
    'Cache-Control': noStore ? 'no-store' : 'private',
    Server: 'ContinuityApp Web Services',
    'X-Content-Type-Options': 'nosniff',
  };
  if (cors) Object.assign(headers, corsHeaders);
  if (PRIVATE_PATHS.test(path)) {
    headers['Referrer-Policy'] = 'no-referrer';
    headers['X-Robots-Tag'] = 'noindex';
  }
  if (strictTransport) headers['Strict-Transport-Security'] = 'max-age=31536000';
  return headers;
}
