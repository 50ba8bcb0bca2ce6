import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { hashSecret } from '../users/principal.ts';
import { authenticateClient, proveClient } from './client.ts';
import type { ClientCredentials } from './client_credentials.ts';
import { type ActiveToken, deleteAccessToken, findActiveToken, lockCode, markCodeUsed } from './queries.ts';

// The library's own revocation and introspection want signed tokens, answer a wrong client with 200, and take a failing
// database for an unknown token.

type Needs = Pick<Deps, 'db' | 'ids' | 'clock'>;

function requireToken({ token }: Readonly<Record<string, string>>): Buffer {
  if (token === undefined) throw fail('invalid_request', { description: 'token is missing.' });
  return hashSecret(token);
}

/** Revokes the client's access token or unused code; one that is unknown or another's changes nothing (RFC 7009 §2.2). */
export async function revokeToken(
  { db, ids, clock }: Needs,
  credentials: ClientCredentials,
  form: Readonly<Record<string, string>>,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const client = await proveClient(tx, credentials);
    const hash = requireToken(form);
    const token = await deleteAccessToken(tx, client.id, hash);
    if (token) {
      const { user_id: userId, organisation_id: organisationId } = token;
      const data = { application_id: client.id };
      return recordEvent(tx, { id: ids.next(), organisationId, type: 'access_token.revoked', userId, data });
    }
    const code = await lockCode(tx, client.id, hash);
    if (code?.used_at === null) await markCodeUsed(tx, code.authorization_id, code.id, clock());
  });
}

/** The client's own token as a row; `undefined` for everything that RFC 7662 §2.2 calls inactive. */
export async function inspectToken(
  { db }: Pick<Deps, 'db'>,
  credentials: ClientCredentials,
  form: Readonly<Record<string, string>>,
): Promise<ActiveToken | undefined> {
  const client = await authenticateClient(db, credentials);
  // Who has no secret proves nothing, and could try tokens of others (RFC 7662 §4).
  if (!client.confidential) throw fail('invalid_client');
  return findActiveToken(db, client.id, requireToken(form));
}
