import { randomBytes } from 'node:crypto';
import type { Deps } from '../deps.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { hashSecret } from '../users/principal.ts';

export interface ApplicationOptions {
  readonly name?: string;
  /** Without a secret, for programs that cannot keep one. */
  readonly public?: boolean;
  readonly redirectUris?: readonly string[];
  readonly implicit?: boolean;
}

export interface TestApplication {
  readonly clientId: string;
  /** Undefined where the application is public. */
  readonly clientSecret: string | undefined;
  readonly redirectUris: readonly string[];
}

type Owner = Pick<NewAccount, 'orgId' | 'userId'>;

const secret = (prefix: string): string => `${prefix}_${randomBytes(32).toString('base64url')}`;

/** An application of the account's organisation, confidential unless said otherwise. */
export async function createTestApplication(
  deps: Pick<Deps, 'db' | 'ids'>,
  account: Owner,
  options: ApplicationOptions = {},
): Promise<TestApplication> {
  const clientId = deps.ids.next();
  const clientSecret = options.public ? undefined : secret('cts');
  const redirectUris = options.redirectUris ?? ['https://client.example/callback'];
  await deps.db
    .insertInto('applications')
    .values({
      id: clientId,
      organisation_id: account.orgId,
      name: options.name ?? 'Test application',
      confidential: clientSecret !== undefined,
      secret_hash: clientSecret === undefined ? null : hashSecret(clientSecret),
      secret_created_at: clientSecret === undefined ? null : new Date(),
      redirect_uris: [...redirectUris],
      implicit: options.implicit ?? false,
      created_by: account.userId,
    })
    .execute();
  return { clientId, clientSecret, redirectUris };
}

/** An access token that acts for the account within the scopes, of the application or of one of the account's own organisation. */
export async function createAccessToken(
  deps: Pick<Deps, 'db' | 'ids'>,
  account: Owner,
  scopes: readonly string[],
  application?: string,
): Promise<string> {
  const clientId = application ?? (await createTestApplication(deps, account)).clientId;
  const authorizationId = deps.ids.next();
  const token = secret('cto');
  await deps.db
    .insertInto('authorizations')
    .values({ id: authorizationId, user_id: account.userId, application_id: clientId, scopes: [...scopes] })
    .execute();
  await deps.db
    .insertInto('access_tokens')
    .values({
      id: deps.ids.next(),
      authorization_id: authorizationId,
      token_hash: hashSecret(token),
      scopes: [...scopes],
    })
    .execute();
  return token;
}

export interface CodeOptions {
  readonly scopes?: readonly string[];
  /** The application's first one where left out. */
  readonly redirectUri?: string;
  /** False: the authorization request left it out. */
  readonly redirectUriSent?: boolean;
  /** Of PKCE; the code has no challenge where left out. */
  readonly verifier?: string;
  readonly expiresAt?: Date;
}

/** An authorization code as if the account had just allowed the application access. */
export async function createCode(
  deps: Deps,
  account: Owner,
  { clientId, redirectUris }: TestApplication,
  options: CodeOptions = {},
): Promise<string> {
  const { scopes = ['user'], verifier } = options;
  const code = secret('ctc');
  const { id } = await deps.db
    .insertInto('authorizations')
    .values({ id: deps.ids.next(), user_id: account.userId, application_id: clientId, scopes: [...scopes] })
    .onConflict((conflict) => conflict.columns(['user_id', 'application_id']).doUpdateSet({ scopes: [...scopes] }))
    .returning('id')
    .executeTakeFirstOrThrow();
  await deps.db
    .insertInto('authorization_codes')
    .values({
      id: deps.ids.next(),
      authorization_id: id,
      code_hash: hashSecret(code),
      redirect_uri: options.redirectUri ?? redirectUris[0] ?? '',
      redirect_uri_sent: options.redirectUriSent ?? true,
      scopes: [...scopes],
      code_challenge: verifier === undefined ? null : challengeOf(verifier),
      expires_at: options.expiresAt ?? new Date(Date.now() + 60_000),
    })
    .execute();
  return code;
}

/** What PKCE sends ahead of the verifier (RFC 7636 §4.2). */
export function challengeOf(verifier: string): string {
  return hashSecret(verifier).toString('base64url');
}
