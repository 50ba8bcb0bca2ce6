import {
  AuthCodeGrant,
  AuthorizationServer,
  type AuthorizationServerOptions,
  ImplicitGrant,
  type JwtInterface,
  type OAuthClient,
  type OAuthScope,
  type OAuthToken,
  type RequestInterface,
} from '@jmondi/oauth2-server';
import { fail } from '../errors/fail.ts';
import { answerUri, chooseRedirectUri } from './redirect_uri.ts';
import { clientsOf, codesOf, type Exchange, scopeRepository, tokensOf, userRepository } from './store.ts';

const OPTIONS: AuthorizationServerOptions = {
  // Whether a client must use PKCE depends on the client (`checkChallenge`).
  requiresPKCE: false,
  requiresS256: true,
  notBeforeLeeway: 0,
  tokenCID: 'id',
  scopeDelimiter: ' ',
  authenticateIntrospect: true,
  authenticateRevoke: true,
  implicitRedirectMode: 'fragment',
  useOpaqueAuthorizationCodes: true,
};

const refuse = (): never => {
  throw new Error('tokens are opaque');
};
const NO_JWT: JwtInterface = { sign: refuse, verify: refuse, decode: refuse };

/** The client proved who it is before (`client.ts`): the library tells missing and wrong secrets apart too loosely. */
const validated = async (exchange: Exchange): Promise<OAuthClient> =>
  clientsOf(exchange).getByIdentifier(exchange.client.id);

/** The library compares scheme, host and path only; RFC 9700 §2.1 wants the whole string. */
function redirectUriFor({ client }: Exchange, { query }: RequestInterface): string {
  const uri = chooseRedirectUri(client.redirect_uris, query['redirect_uri'] as string | undefined);
  if (uri === undefined) throw fail('invalid_request');
  return uri;
}

class CodeGrant extends AuthCodeGrant {
  constructor(private readonly exchange: Exchange) {
    const [clients, tokens] = [clientsOf(exchange), tokensOf(exchange)];
    super(codesOf(exchange), userRepository, clients, tokens, scopeRepository, NO_JWT, OPTIONS);
  }

  protected override validateClient(): Promise<OAuthClient> {
    return validated(this.exchange);
  }

  protected override getRedirectUri(request: RequestInterface): string {
    return redirectUriFor(this.exchange, request);
  }

  /** Every answer names its issuer (RFC 9207). */
  protected override makeRedirectUrl(uri: string, parameters: Record<string, string>): string {
    return answerUri(uri, { ...parameters, iss: this.exchange.deps.config.publicUrl }, 'query');
  }

  protected override async encryptAccessToken(_client: OAuthClient, { accessToken }: OAuthToken): Promise<string> {
    return accessToken;
  }

  /** Without `expires_in`, since tokens have no end (S2), and without a refresh token, since none is needed. */
  override async makeBearerTokenResponse(...parts: Parameters<AuthCodeGrant['makeBearerTokenResponse']>) {
    const response = await super.makeBearerTokenResponse(...parts);
    const { access_token, token_type, scope } = response.body;
    response.body = { access_token, token_type, scope };
    return response;
  }
}

class TokenGrant extends ImplicitGrant {
  private scope = '';

  constructor(private readonly exchange: Exchange) {
    super(clientsOf(exchange), tokensOf(exchange), scopeRepository, NO_JWT, OPTIONS);
  }

  protected override getRedirectUri(request: RequestInterface): string {
    return redirectUriFor(this.exchange, request);
  }

  protected override async encryptAccessToken(
    _client: OAuthClient,
    { accessToken }: OAuthToken,
    scopes: OAuthScope[],
  ): Promise<string> {
    this.scope = scopes.map(({ name }) => name).join(' ');
    return accessToken;
  }

  /** The library leaves `scope` out and names an end. */
  protected override makeRedirectUrl(uri: string, parameters: Record<string, string>): string {
    const { expires_in: _end, ...kept } = parameters;
    return answerUri(uri, { ...kept, scope: this.scope, iss: this.exchange.deps.config.publicUrl }, 'fragment');
  }
}

/** An authorization server for one request: cheap objects over its transaction. */
export function createServer(exchange: Exchange): AuthorizationServer {
  const server = new AuthorizationServer(clientsOf(exchange), tokensOf(exchange), scopeRepository, NO_JWT, OPTIONS);
  // The constructor turns on grants that act without a user or for ever.
  for (const grant of Object.keys(server.enabledGrantTypes)) delete server.enabledGrantTypes[grant];
  server.enableGrantTypes({ grant: new CodeGrant(exchange) }, { grant: new TokenGrant(exchange) });
  return server;
}
