import { createHash } from 'node:crypto';
import type { Statement } from '../db/hot.ts';
import type { Role } from '../http/operation.ts';

/** What a request proves itself with, before the database was asked. */
export interface Credential {
  readonly keyHash: Buffer;
  /** With HTTP Basic: the e-mail address that the key must belong to. */
  readonly email: string | null;
}

/** The user a request acts for. */
export interface Principal {
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  readonly organisationId: string;
  readonly suspended: boolean;
  /** Trial ended without billing information, or overdue. */
  readonly unpaid: boolean;
}

export interface PrincipalRow {
  user_id: string;
  email: string;
  role: Role;
  organisation_id: string;
  suspended: boolean;
  unpaid: boolean;
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

export function presentPrincipal(row: PrincipalRow): Principal {
  const { user_id: userId, email, role, organisation_id: organisationId, suspended, unpaid } = row;
  return { userId, email, role, organisationId, suspended, unpaid };
}

/** The hash under which a secret is stored: SHA-256, since the secrets are 256 random bits and need no stretching. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
