import { createHash } from 'node:crypto';
import type { Statement } from '../db/hot.ts';
import type { Role } from '../http/operation.ts';

/** The personal API key that a request proves itself with, before the database was asked. */
export interface KeyCredential {
  readonly keyHash: Buffer;
  /** With HTTP Basic: the e-mail address that the key must belong to. */
  readonly email: string | null;
}

/** An OAuth2 access token, before the database was asked. */
export interface TokenCredential {
  readonly tokenHash: Buffer;
}

export type Credential = KeyCredential | TokenCredential;

/** The user a request acts for. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  readonly organisationId: string;
  readonly suspended: boolean;
  /** Trial ended without billing information, or overdue. */
  readonly unpaid: boolean;
  /** What an access token was limited to; null where the user came with a key. */
  readonly scopes: readonly string[] | null;
}

export interface PrincipalRow {
  user_id: string;
  email: string;
  role: Role;
  organisation_id: string;
  suspended: boolean;
  unpaid: boolean;
  scopes?: string[];
}

/** SQL for "this organisation owes money" (402), over the table alias `o`. */
export const UNPAID = `(o.billing = 'overdue' or (o.billing = 'trialing' and o.trial_ends_at <= now()))`;

/** What is known of a user, over the table aliases `u` and `o`; the columns of PrincipalRow. */
export const PRINCIPAL_COLUMNS = `u.id as user_id, u.email, u.role, u.organisation_id,
    o.suspended_at is not null as suspended, ${UNPAID} as unpaid`;

/** The user behind a credential: $1 is the key's SHA-256, $2 the e-mail address or null. */
export const FIND_PRINCIPAL: Statement = {
  name: 'find_principal',
  text: `select ${PRINCIPAL_COLUMNS}
  from users u join organisations o on o.id = u.organisation_id
  where u.api_key_hash = $1 and ($2::text is null or u.email = $2)`,
};

/**
 * The user behind an access token and its scopes: $1 is the token's SHA-256. While the publisher of the application is
 * suspended its tokens are no credentials.
 */
export const FIND_TOKEN_PRINCIPAL: Statement = {
  name: 'find_token_principal',
  text: `select ${PRINCIPAL_COLUMNS}, t.scopes
  from access_tokens t join authorizations a on a.id = t.authorization_id
  join users u on u.id = a.user_id join organisations o on o.id = u.organisation_id
  join applications p on p.id = a.application_id join organisations publisher on publisher.id = p.organisation_id
  where t.token_hash = $1 and publisher.suspended_at is null`,
};

export function presentPrincipal(row: PrincipalRow): Principal {
  const { user_id: userId, email, role, organisation_id: organisationId, suspended, unpaid, scopes = null } = row;
  return { userId, email, role, organisationId, suspended, unpaid, scopes };
}

/** The hash under which a secret is stored: SHA-256, since the secrets are 256 random bits and need no stretching. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
