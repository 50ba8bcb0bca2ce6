/**
 * A program on somebody's own machine: discovery (RFC 8414), code + PKCE on a loopback port chosen at run time
 * (RFC 8252 §7.3), the question itself, introspection where it has a secret (RFC 7662), and revocation (RFC 7009).
 * Prints the address to open, then one JSON object with what it got.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';

const { ISSUER = '', CLIENT_ID = '', CLIENT_SECRET } = process.env;
const issuer = new URL(ISSUER);
// The library speaks to https only unless told; over https nothing is relaxed.
const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' };
const client: oauth.Client = { client_id: CLIENT_ID };
const authenticate = CLIENT_SECRET === undefined ? oauth.None() : oauth.ClientSecretBasic(CLIENT_SECRET);

const discovered = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
const server = await oauth.processDiscoveryResponse(issuer, discovered);

let answered: (url: URL) => void;
const answering = new Promise<URL>((resolve) => (answered = resolve));
const listening = createServer((request, response) => {
  response.setHeader('Connection', 'close').end('You may close this window.');
  const url = new URL(request.url ?? '/', redirectUri);
  if (url.pathname === '/callback') answered(url);
});
await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
const redirectUri = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/callback`;

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const address = new URL(server.authorization_endpoint ?? '');
for (const [name, value] of Object.entries({
  response_type: 'code',
  client_id: CLIENT_ID,
  redirect_uri: redirectUri,
  scope: 'user',
  state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
}))
  address.searchParams.set(name, value);
console.log(`Open ${address.href} in your browser.`);

const answer = await answering;
listening.close();
// Compares state and, as the metadata promises `iss`, the issuer (RFC 9207).
const parameters = oauth.validateAuthResponse(server, client, answer, state);
const exchanged = await oauth.authorizationCodeGrantRequest(
  server,
  client,
  authenticate,
  parameters,
  redirectUri,
  verifier,
  options,
);
const token = await oauth.processAuthorizationCodeResponse(server, client, exchanged);

async function whoami(): Promise<string> {
  const url = new URL('/whoami', issuer);
  try {
    const response = await oauth.protectedResourceRequest(token.access_token, 'GET', url, undefined, null, options);
    return `${response.status} ${await response.text()}`;
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return `${error.status} ${error.cause[0]?.scheme}`;
    throw error;
  }
}

async function introspect(): Promise<oauth.IntrospectionResponse | undefined> {
  if (CLIENT_SECRET === undefined) return undefined;
  const response = await oauth.introspectionRequest(server, client, authenticate, token.access_token, options);
  return oauth.processIntrospectionResponse(server, client, response);
}

const before = await whoami();
const active = await introspect();
const revoked = await oauth.revocationRequest(server, client, authenticate, token.access_token, options);
await oauth.processRevocationResponse(revoked);
const after = await whoami();
const { access_token: _, ...shown } = token;
const iss = answer.searchParams.get('iss');
console.log(JSON.stringify({ iss, token: shown, before, active, after, inactive: await introspect() }));
