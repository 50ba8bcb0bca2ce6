import type { Deps } from '../deps.ts';
import { refusalOf } from '../download_tokens/rules.ts';
import { fail } from '../errors/fail.ts';
import { hashSecret } from '../users/principal.ts';
import { findGrant, type Grant } from './queries.ts';

/** What the token opens, or why it opens nothing (any more). A token that is used up still passes: see `openSession`. */
export async function requireGrant({ hot, clock }: Deps, token: string): Promise<Grant> {
  const grant = await findGrant(hot, hashSecret(token));
  if (!grant) throw fail('not_found', { field: 'token' });
  const refused = refusalOf(grant, clock());
  if (refused) throw refused;
  return grant;
}
