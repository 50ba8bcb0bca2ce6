import { contentSecurityPolicy } from '../pages/headers.ts';

/** Nothing but this server's script and stylesheet, and requests to this server (CSP Level 3). */
const CONTENT_SECURITY_POLICY = contentSecurityPolicy({
  script: "'self'",
  style: "'self'",
  image: "'self' data:",
  connect: "'self'",
});

/** The page is everybody's and may be kept, but not framed: people type credentials into it. */
export const PAGE_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
};
