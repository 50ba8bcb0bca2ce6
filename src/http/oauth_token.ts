import type { IncomingMessage } from 'node:http';

const NAME = 'oauth_token';
const MAYBE = /oauth_token|%/i;

/**
 * Takes `oauth_token` out of the request's address, so that neither validation nor links nor logs ever see it, and
 * answers its value. Empty ones count as absent; several that differ are answered as text that is no token.
 */
export function takeOauthToken(request: IncomingMessage): string | undefined {
  const { url = '' } = request;
  const question = url.indexOf('?');
  if (question < 0 || !MAYBE.test(url)) return undefined;
  const kept: string[] = [];
  const found = new Set<string>();
  for (const pair of url.slice(question + 1).split('&')) {
    const [parsed] = new URLSearchParams(pair);
    if (parsed?.[0] !== NAME) kept.push(pair);
    else if (parsed[1] !== '') found.add(parsed[1]);
  }
  request.url = url.slice(0, question) + (kept.length > 0 ? `?${kept.join('&')}` : '');
  return found.size > 0 ? [...found].join(' ') : undefined;
}
