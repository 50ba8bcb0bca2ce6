import { fail } from '../errors/fail.ts';

/** What a client presents itself with; nothing of it is checked yet. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

const refused = (description: string) => fail('invalid_request', { description });

/** Reads Basic credentials or those of the body (RFC 6749 §2.3.1); a client must not use both (§2.3). */
export function readClientCredentials(
  authorization: string | undefined,
  { client_id: clientId, client_secret: clientSecret }: Readonly<Record<string, string>>,
): ClientCredentials {
  if (authorization === undefined || !/^ *basic( |$)/i.test(authorization)) {
    if (clientId === undefined) throw refused('client_id is missing.');
    return { clientId, clientSecret };
  }
  const basic = readBasic(authorization);
  if (clientSecret !== undefined) throw refused('The client secret was sent in the header and in the body.');
  if (clientId !== undefined && clientId !== basic.clientId)
    throw refused('client_id is another than in the Authorization header.');
  return basic;
}

function readBasic(authorization: string): ClientCredentials {
  const [, encoded = ''] = /^ *basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(authorization) ?? [];
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const clientId = decode(pair.slice(0, Math.max(colon, 0)));
  const clientSecret = decode(pair.slice(colon + 1));
  if (!clientId || clientSecret === undefined) throw fail('invalid_client');
  return { clientId, clientSecret: clientSecret === '' ? undefined : clientSecret };
}

/** Both halves are form-encoded before they are joined. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
