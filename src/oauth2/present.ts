import type { components } from '../../generated/types.ts';
import type { ActiveToken } from './queries.ts';
import { SCOPES } from './scopes.ts';

type Schemas = components['schemas'];

/** RFC 7662 §2.2. The address is told to whom `GET /whoami` would tell it. */
export function presentInspection(token: ActiveToken | undefined, issuer: string): Schemas['Introspection'] {
  if (!token) return { active: false };
  return {
    active: true,
    scope: token.scopes.join(' '),
    client_id: token.application_id,
    ...(token.scopes.includes('user') ? { username: token.email } : {}),
    token_type: 'Bearer',
    iat: BigInt(Math.floor(token.created_at.getTime() / 1000)),
    sub: token.user_id,
    iss: issuer,
  };
}

/** RFC 8414 §2, RFC 9207 §3 */
export function presentMetadata(issuer: string): Schemas['OauthMetadata'] {
  const withSecret = ['client_secret_basic', 'client_secret_post'];
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth2/authorize`,
    token_endpoint: `${issuer}/oauth2/access_token`,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    scopes_supported: [...SCOPES],
    response_types_supported: ['code', 'token'],
    response_modes_supported: ['query', 'fragment'],
    grant_types_supported: ['authorization_code', 'implicit'],
    token_endpoint_auth_methods_supported: [...withSecret, 'none'],
    revocation_endpoint_auth_methods_supported: [...withSecret, 'none'],
    introspection_endpoint_auth_methods_supported: withSecret,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}
