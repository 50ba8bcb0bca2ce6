import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { COPY_SCRIPT } from './copy_script.ts';
import { LOG_SCRIPT } from './log_script.ts';
import { STYLE } from './style.ts';

export interface PageHeaders {
  /** Where the page's forms may lead, redirects included, besides this server: origins or schemes (`app:`). */
  readonly formAction?: readonly string[];
  /** The page has the copy script in it. */
  readonly script?: boolean;
  /** The page has the script in it that follows a log. */
  readonly follows?: boolean;
  /** The page shows images of this server's. */
  readonly images?: boolean;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const STYLE_SOURCE = hashOf(STYLE);
const SCRIPT_SOURCE = hashOf(COPY_SCRIPT);
const LOG_SCRIPT_SOURCE = hashOf(LOG_SCRIPT);

interface Sources {
  /** Of scripts; none run where left out. */
  readonly script?: string | undefined;
  /** Of stylesheets; the pages' own stylesheet where left out. */
  readonly style?: string;
  /** Of images; none are shown where left out. */
  readonly image?: string | undefined;
  /** What scripts may ask for; nothing where left out. */
  readonly connect?: string | undefined;
  /** Where forms may lead; nowhere where left out. */
  readonly formAction?: string;
}

/** A policy (CSP Level 3) that allows a stylesheet and what is named, and refuses to be framed. */
export function contentSecurityPolicy({
  script,
  style = STYLE_SOURCE,
  image,
  connect,
  formAction = "'none'",
}: Sources): string {
  const directives = {
    'default-src': "'none'",
    'script-src': script,
    'style-src': style,
    'img-src': image,
    'connect-src': connect,
    'base-uri': "'none'",
    'form-action': formAction,
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .filter(([, source]) => source !== undefined)
    .map(([name, source]) => `${name} ${source}`)
    .join('; ');
}

/**
 * Headers of a page for one person: never kept, framed or indexed, and nothing runs in it but our own. Its address goes
 * to this server only, which wants to see where forms come from: under `no-referrer` they would say `Origin: null`.
 */
export function setPageHeaders(
  res: ServerResponse,
  { formAction = [], script = false, follows = false, images = false }: PageHeaders = {},
): void {
  const targets = ["'self'", ...formAction.map(sourceOf)].join(' ');
  const scripts = [...(script ? [SCRIPT_SOURCE] : []), ...(follows ? [LOG_SCRIPT_SOURCE] : [])];
  const policy = contentSecurityPolicy({
    script: scripts.length > 0 ? scripts.join(' ') : undefined,
    connect: follows ? "'self'" : undefined,
    image: images ? "'self'" : undefined,
    formAction: targets,
  });
  res.setHeader('Content-Security-Policy', policy);
  res.setHeader('X-Frame-Options', 'DENY');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'same-origin');
  res.setHeader('X-Robots-Tag', 'noindex');
}

/** A source cannot end its directive: `;` and `,` stand percent-encoded (CSP Level 3 §2.3.1). */
function sourceOf(source: string): string {
  return source.replaceAll(/[;,\s]/g, encodeURIComponent);
}
