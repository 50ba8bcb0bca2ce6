/** The redirect that is no URL: a page shows the code to copy (S2). */
export const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';

const MAX_LENGTH = 2000;
/** What RFC 3986 §2 allows, less `#` (RFC 6749 §3.1.2 forbids a fragment) and `*`, which reads like a wildcard. */
const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?[\]@!$&'()+,;=]|%[0-9A-Fa-f]{2})+$/;
/** A scheme that names a domain of the program's maker, reversed (RFC 8252 §7.1): it has a dot, so `javascript:` has none of it. */
const PRIVATE_USE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/;
/** A loopback IP literal (RFC 8252 §7.3). `localhost` is none: its name may resolve elsewhere (§8.3). */
const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/;

/** Whether an application may register this URI. Any host is fine over HTTP too, as the seed's own example is. */
export function checkRedirectUri(text: string): 'invalid_format' | undefined {
  if (text === OUT_OF_BAND) return undefined;
  if (text.length > MAX_LENGTH || !URI_CHARACTERS.test(text) || !URL.canParse(text)) return 'invalid_format';
  const { protocol, host, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'invalid_format';
  if (protocol !== 'http:' && protocol !== 'https:') {
    return PRIVATE_USE_SCHEME.test(protocol) ? undefined : 'invalid_format';
  }
  const [, authority] = /^https?:\/\/([^/?]+)(?:[/?]|$)/i.exec(text) ?? [];
  return authority === undefined || authority.includes('@') || host === '' ? 'invalid_format' : undefined;
}

/** The same string (RFC 9700 §2.1); of a loopback IP literal the port may differ (RFC 8252 §7.3). */
export function matchesRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true;
  const known = LOOPBACK.exec(registered);
  const asked = LOOPBACK.exec(requested);
  if (!known || !asked || Number(asked[2] ?? '80') > 65_535) return false;
  return known[1] === asked[1] && known[3] === asked[3];
}

/** Who gets the answer, in words for the consent page. */
export function redirectHost(uri: string): string {
  const { protocol, host } = new URL(uri);
  return protocol === 'http:' || protocol === 'https:' ? host : protocol.slice(0, -1);
}

/**
 * What the consent page's `form-action` must name: browsers check every redirect that follows a form (CSP 3 §6.4.1.1). The
 * whole scheme, since a program may send its visitor on to another of its hosts at once.
 */
export function formActionOf(uri: string): readonly string[] {
  return uri === OUT_OF_BAND ? [] : [new URL(uri).protocol];
}

/**
 * Where the answer goes: the requested URI if it is registered, or the only registered one where none was requested
 * (RFC 6749 §3.1.2.3); else `undefined`, and nothing may be redirected. What is registered is checked again, since
 * nothing else stands between it and a `Location`.
 */
export function chooseRedirectUri(registered: readonly string[], requested: string | undefined): string | undefined {
  const matching = (uri: string) => registered.some((one) => matchesRedirectUri(one, uri));
  const only = registered.length === 1 ? registered[0] : undefined;
  const chosen = requested === undefined ? only : matching(requested) ? requested : undefined;
  return chosen !== undefined && checkRedirectUri(chosen) === undefined ? chosen : undefined;
}

/** The redirect URI with the answer, in its query or after `#`; what it has in its query already is kept (§3.1.2). */
export function answerUri(
  redirectUri: string,
  parameters: Readonly<Record<string, string | undefined>>,
  part: 'query' | 'fragment',
): string {
  const sent = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const text = new URLSearchParams(sent).toString();
  if (part === 'fragment') return `${redirectUri}#${text}`;
  const joint = !redirectUri.includes('?') ? '?' : /[?&]$/.test(redirectUri) ? '' : '&';
  return `${redirectUri}${joint}${text}`;
}
