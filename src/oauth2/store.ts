import { randomBytes } from 'node:crypto';
import type {
  OAuthAuthCodeRepository,
  OAuthClient,
  OAuthClientRepository,
  OAuthScopeRepository,
  OAuthTokenRepository,
  OAuthUserRepository,
} from '@jmondi/oauth2-server';
import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import { hashSecret } from '../users/principal.ts';
import {
  type ClientRow,
  type CodeRow,
  insertAccessToken,
  insertCode,
  markCodeUsed,
  upsertAuthorization,
} from './queries.ts';
import { CODE_LIFE } from './rules.ts';
import { isScope } from './scopes.ts';

/** Who granted, or is about to. */
export interface Grantor {
  readonly userId: string;
  readonly organisationId: string;
}

/** One request of one client, in one transaction. */
export interface Exchange {
  readonly tx: Transaction<DB>;
  readonly deps: Pick<Deps, 'ids' | 'clock' | 'config'>;
  readonly client: ClientRow;
  /** Left out while an authorization request is only read. */
  readonly grantor?: Grantor;
  /** Whether the authorization request named its redirect URI. */
  readonly redirectUriSent?: boolean;
  /** At the token endpoint: the code that is exchanged, locked and judged. */
  readonly code?: CodeRow;
}

/** Later than every clock: the library wants an end where this server has none, or has judged it itself. */
const NO_END = new Date(8.64e15);

const secret = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;
const names = (scopes: readonly { name: string }[]): string[] => scopes.map(({ name }) => name);
const never = (): Promise<never> => Promise.reject(new Error('there are no refresh tokens'));

function libraryClient({ client }: Exchange): OAuthClient {
  const { id, name, redirect_uris: redirectUris, implicit } = client;
  const allowedGrants = ['authorization_code' as const, ...(implicit ? ['implicit' as const] : [])];
  return { id, name, redirectUris, allowedGrants, scopes: [] };
}

/** The client was found, and proved who it is, before the library is asked. */
export function clientsOf(exchange: Exchange): OAuthClientRepository {
  return { getByIdentifier: async () => libraryClient(exchange), isClientValid: async () => true };
}

export const scopeRepository: OAuthScopeRepository = {
  getAllByIdentifiers: async (wanted) => wanted.filter(isScope).map((name) => ({ name })),
  finalize: async (scopes) => scopes,
};

export const userRepository: OAuthUserRepository = { getUserByCredentials: async (id) => ({ id }) };

/** Authorization codes. Of a raw code only the hash is kept. */
export function codesOf(exchange: Exchange): OAuthAuthCodeRepository {
  const { tx, deps, redirectUriSent = true } = exchange;
  return {
    async getByIdentifier(code) {
      const { redirect_uri: redirectUri, code_challenge: codeChallenge, scopes, user_id: id } = codeOf(exchange);
      return {
        code,
        redirectUri,
        codeChallenge,
        codeChallengeMethod: codeChallenge === null ? null : 'S256',
        expiresAt: NO_END,
        user: { id },
        client: libraryClient(exchange),
        scopes: scopes.map((name) => ({ name })),
      };
    },
    issueAuthCode: (client, user, scopes) => ({
      code: secret('ctc'),
      expiresAt: NO_END,
      user: user ?? null,
      client,
      scopes,
    }),
    async persist({ code, scopes, redirectUri, codeChallenge }) {
      const id = deps.ids.next();
      const authorizationId = await grant(exchange, names(scopes));
      const expiresAt = new Date(deps.clock().getTime() + CODE_LIFE);
      const bound = { redirectUri: redirectUri ?? '', redirectUriSent, challenge: codeChallenge ?? null };
      await insertCode(tx, { id, authorizationId, hash: hashSecret(code), scopes: names(scopes), expiresAt, ...bound });
    },
    isRevoked: async () => codeOf(exchange).used_at !== null,
    async revoke() {
      const { authorization_id: authorizationId, id } = codeOf(exchange);
      await markCodeUsed(tx, authorizationId, id, deps.clock());
    },
  };
}

/** Access tokens: opaque, without an end, kept as their hash. */
export function tokensOf(exchange: Exchange): OAuthTokenRepository {
  const { tx, deps, code } = exchange;
  return {
    issueToken: async (client, scopes, user) => ({
      accessToken: secret('cto'),
      accessTokenExpiresAt: NO_END,
      client,
      user: user ?? null,
      scopes,
    }),
    async persist({ accessToken, scopes }) {
      const authorizationId = code?.authorization_id ?? (await grant(exchange, names(scopes)));
      const row = { id: deps.ids.next(), authorizationId, codeId: code?.id ?? null, at: deps.clock() };
      await insertAccessToken(tx, { ...row, hash: hashSecret(accessToken), scopes: names(scopes) });
      await record(exchange, 'access_token.created', names(scopes));
    },
    issueRefreshToken: async (accessToken) => accessToken,
    revoke: never,
    isRefreshTokenRevoked: never,
    getByRefreshToken: never,
  };
}

function codeOf({ code }: Exchange): CodeRow {
  if (!code) throw new Error('no code was taken');
  return code;
}

function grantorOf({ grantor }: Exchange): Grantor {
  if (!grantor) throw new Error('nobody has granted this');
  return grantor;
}

/** Keeps what the user has just granted; answers the authorization's id. */
async function grant(exchange: Exchange, scopes: readonly string[]): Promise<string> {
  const { tx, deps, client } = exchange;
  const { userId } = grantorOf(exchange);
  const row = { id: deps.ids.next(), userId, clientId: client.id, scopes, at: deps.clock() };
  const id = await upsertAuthorization(tx, row);
  await record(exchange, 'authorization.granted', scopes);
  return id;
}

function record(exchange: Exchange, type: string, scopes: readonly string[]): Promise<void> {
  const { tx, deps, client } = exchange;
  const { userId, organisationId } = grantorOf(exchange);
  const data = { application_id: client.id, scopes: scopes.join(' ') };
  return recordEvent(tx, { id: deps.ids.next(), organisationId, type, userId, data });
}
