import { timingSafeEqual } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { hashSecret } from '../users/principal.ts';
import type { ClientCredentials } from './client_credentials.ts';
import { type ClientRow, findClient } from './queries.ts';

/** The application with this client id, if there is one. */
export async function clientById<Db extends Kysely<DB>>(
  db: Db,
  clientId: string,
  find: (db: Db, id: string) => Promise<ClientRow | undefined> = findClient,
): Promise<ClientRow | undefined> {
  const id = parseId(clientId);
  return id === undefined ? undefined : find(db, id);
}

/**
 * The application that these credentials prove (RFC 6749 §3.2.1): a confidential one by its secret, a public one, which has
 * none, by its id alone. Fails with `invalid_client`.
 */
export async function proveClient(db: Kysely<DB>, { clientId, clientSecret }: ClientCredentials): Promise<ClientRow> {
  const client = await clientById(db, clientId);
  if (!client || !isProof(client, clientSecret)) throw fail('invalid_client');
  return client;
}

/** The same for what gives or tells something: fails with `unauthorized_client` while its organisation is suspended. */
export async function authenticateClient(db: Kysely<DB>, credentials: ClientCredentials): Promise<ClientRow> {
  const client = await proveClient(db, credentials);
  if (client.suspended) throw fail('unauthorized_client');
  return client;
}

function isProof({ secret_hash: hash }: ClientRow, secret: string | undefined): boolean {
  if (hash === null || secret === undefined) return hash === null && secret === undefined;
  return timingSafeEqual(hash, hashSecret(secret));
}
