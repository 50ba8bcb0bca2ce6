import type { ServerResponse } from 'node:http';
import { contentSecurityPolicy } from '../pages/headers.ts';

/** Nothing but our script, our stylesheet and requests to this server (CSP Level 3). */
const CONTENT_SECURITY_POLICY = contentSecurityPolicy({ script: "'self'", connect: "'self'" });

/** The page's address and text hold the token: neither may be kept or framed. */
export function setPageHeaders(res: ServerResponse): void {
  res.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  res.setHeader('Cache-Control', 'no-store');
}
