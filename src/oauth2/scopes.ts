/** What an access token may be limited to (RFC 6749 §3.3), with the words that the consent page shows. */
const WORDS = {
  user: 'See your e-mail address, your role and your organisation',
  products: 'See, create and change your products and their versions, and upload them',
  downloads: 'Create, see and revoke download links, and see what was downloaded',
  purchases: 'See and record what customers bought, with their e-mail addresses',
  reports: 'Read reports and statistics of downloads',
  projects: 'See and change your projects and their test suites',
  build_requests: 'See your build requests, builds and their logs',
  build_requests_create: 'Start, cancel and retry builds',
  events: 'Follow what happens in your organisation',
} as const;

export type Scope = keyof typeof WORDS;

export const SCOPES = Object.keys(WORDS) as readonly Scope[];

export function isScope(text: string): text is Scope {
  return Object.hasOwn(WORDS, text);
}

/** What the scope allows, as the end of "… would like to:". */
export function describeScope(scope: Scope): string {
  return WORDS[scope];
}
