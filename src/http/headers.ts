import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';

/** Paths whose URLs carry secrets: no page may pass them on, no search engine keep them. */
const PRIVATE_PATHS = /^\/(download|my|oauth2)(\/|$)/;

/** What every response carries (product.md, "Shared"). Answers the request id. */
export function setCommonHeaders({ res }: Context, path: string, strictTransport: boolean): string {
  const id = randomUUID();
  res.setHeader('Request-Id', id);
  res.setHeader('Vary', 'Accept');
  res.setHeader('Cache-Control', 'private');
  res.setHeader('Server', 'ContinuityApp Web Services');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  if (PRIVATE_PATHS.test(path)) {
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('X-Robots-Tag', 'noindex');
  }
  if (strictTransport) res.setHeader('Strict-Transport-Security', 'max-age=31536000');
  return id;
}
