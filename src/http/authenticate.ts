import type { Hot } from '../db/hot.ts';
import { fail } from '../errors/fail.ts';
import { normaliseEmail } from '../users/email.ts';
import {
  type Credential,
  FIND_PRINCIPAL,
  hashSecret,
  type Principal,
  type PrincipalRow,
  presentPrincipal,
} from '../users/principal.ts';
import { type Operation, rolesFrom } from './operation.ts';

const API_KEY = /^ct_[A-Za-z0-9_-]{43}$/;

/** Reads `Authorization: Bearer ct_…` (RFC 6750 §2.1) or Basic `email:ct_…` (RFC 7617); anything else is 401. */
export function readCredential(authorization: string | undefined): Credential {
  if (authorization === undefined || authorization.length > 4096) throw fail('unauthorized');
  const [scheme = '', token = '', ...rest] = authorization.trim().split(/ +/);
  if (rest.length > 0) throw fail('unauthorized');
  if (scheme.toLowerCase() === 'bearer') return credential(token, null);
  if (scheme.toLowerCase() !== 'basic') throw fail('unauthorized');
  const pair = Buffer.from(token, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0 || pair.includes('\0')) throw fail('unauthorized');
  return credential(pair.slice(colon + 1), normaliseEmail(pair.slice(0, colon)));
}

function credential(key: string, email: string | null): Credential {
  if (!API_KEY.test(key)) throw fail('unauthorized');
  return { keyHash: hashSecret(key), email };
}

/** The user behind a credential; `undefined` for a wrong one. The look-up by hash needs no comparison of secrets. */
export async function findPrincipal(hot: Hot, { keyHash, email }: Credential): Promise<Principal | undefined> {
  const [row] = await hot.query<PrincipalRow>(FIND_PRINCIPAL, [keyHash, email]);
  return row && presentPrincipal(row);
}

/** The checks after authentication, in the order of architecture.md rule 4: account suspended, then role. */
export function judge(principal: Principal | undefined, { role }: Operation): Principal {
  if (principal === undefined) throw fail('unauthorized');
  if (principal.suspended) throw fail('account_suspended');
  if (role === null || !rolesFrom(role).includes(principal.role)) throw fail('insufficient_role');
  return principal;
}

/** 402 for what creates or changes something; reads stay open to an organisation that owes money. */
export function requirePaid({ unpaid }: Principal): void {
  if (unpaid) throw fail('payment_required');
}
