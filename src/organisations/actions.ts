import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import type { Role } from '../http/operation.ts';
import { isReservedSlug } from '../products/rules.ts';
import { isEmailAddress, normaliseEmail } from '../users/email.ts';
import { newApiKey } from '../users/api_key.ts';
import { hashPassword } from '../users/password.ts';
import { hashSecret } from '../users/principal.ts';
import { insertUser } from '../users/queries.ts';
import { insertOrganisation, organisationExists } from './queries.ts';

type Needs = Pick<Deps, 'ids' | 'clock'>;

export interface NewAccount {
  readonly orgId: string;
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  /** Shown once: only its hash is stored. */
  readonly apiKey: string;
}

interface Person {
  readonly email: string;
  readonly role: Role;
  readonly password?: string | undefined;
}

/** Creates an organisation with its owner. Fails with `invalid_format`, `is_reserved`, `already_exists` or `already_taken`. */
export function createOrganisation(
  db: Kysely<DB>,
  needs: Needs,
  id: string,
  name: string,
  owner: Omit<Person, 'role'>,
): Promise<NewAccount> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id) || id.length > 100) throw fail('invalid_format', { field: 'id' });
  if (isReservedSlug(id)) throw fail('is_reserved', { field: 'id' });
  return inTransaction(db, async (tx) => {
    if (!(await insertOrganisation(tx, id, name))) throw fail('already_exists', { field: 'id' });
    return createUser(tx, needs, id, { ...owner, role: 'owner' });
  });
}

/** Adds a user to an organisation. Fails with `not_found`, `invalid_format` or `already_taken`. */
export async function createUser(
  db: Kysely<DB>,
  { ids, clock }: Needs,
  orgId: string,
  { email, role, password }: Person,
): Promise<NewAccount> {
  const address = normaliseEmail(email);
  if (!isEmailAddress(address)) throw fail('invalid_format', { field: 'email' });
  const passwordHash = password === undefined ? null : await hashPassword(password);
  const apiKey = newApiKey();
  const userId = ids.next();
  return inTransaction(db, async (tx) => {
    if (!(await organisationExists(tx, orgId))) throw fail('not_found', { field: 'org' });
    const user = {
      id: userId,
      organisationId: orgId,
      email: address,
      role,
      passwordHash,
      apiKeyHash: hashSecret(apiKey),
      at: clock(),
    };
    if (!(await insertUser(tx, user))) throw fail('already_taken', { field: 'email' });
    await recordEvent(tx, { id: ids.next(), organisationId: orgId, type: 'user.created', userId, data: { role } });
    return { orgId, userId, email: address, role, apiKey };
  });
}
