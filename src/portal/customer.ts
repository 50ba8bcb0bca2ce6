import type { Hot, Statement } from '../db/hot.ts';
import type { Deps } from '../deps.ts';
import { type Failure, fail } from '../errors/fail.ts';
import { hashSecret } from '../users/principal.ts';

/** Who proved that an e-mail address is theirs. Customers have no account: the address is all there is. */
export interface Customer {
  /** Normalised. */
  readonly email: string;
  readonly sessionId: string;
}

/** Where the token of a session lives: in a browser's cookie, or with a program that calls the API. */
export type SessionKind = 'browser' | 'api';

const FIND_CUSTOMER: Statement = {
  name: 'find_customer',
  text: `select id as "sessionId", email from portal_sessions
  where token_hash = $1 and kind = $2 and expires_at > $3::timestamptz`,
};

/** The customer behind a session's token, which is the credential: its hash is what scopes the look-up. */
export async function findCustomer(
  { hot, clock }: { readonly hot: Hot } & Pick<Deps, 'clock'>,
  kind: SessionKind,
  token: string,
): Promise<Customer | undefined> {
  const [row] = await hot.query<Customer>(FIND_CUSTOMER, [hashSecret(token), kind, clock()]);
  return row;
}

/** Basic is not named: a browser would ask for a password that customers do not have (RFC 9110 §11.6.1). */
export function refusedCustomer(field?: string): Failure {
  const headers = { 'WWW-Authenticate': 'Bearer realm="Continuity portal"' };
  return fail('unauthorized', { headers, ...(field === undefined ? {} : { field }) });
}
