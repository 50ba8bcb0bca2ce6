import { randomBytes } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import type { Principal } from '../users/principal.ts';
import { isVendor, type Vendor } from '../webhooks/vendors.ts';
import { deleteOlderSecrets, deleteSecrets, holdOrganisation, insertSecret, listSealedSecrets } from './queries.ts';
import { secretPurpose } from './rules.ts';

type Actor = Pick<Principal, 'organisationId' | 'userId'>;

/** Fails with `not_found` for what is no vendor. */
export function requireVendor(text: string): Vendor {
  if (!isVendor(text)) throw fail('not_found', { field: 'vendor' });
  return text;
}

/** Secrets of a vendor that count at once: Stripe signs with both while one takes the place of the other. */
const KEPT: Readonly<Partial<Record<Vendor, number>>> = { stripe: 2 };

/**
 * Sets the secret that the vendor's reports are verified by, in place of the one before; Stripe's stays beside it until it
 * is removed. For Vibracart Pro the secret is drawn here and answered, once.
 */
export async function setSecret(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'vault' | 'clock'>,
  actor: Actor,
  vendor: Vendor,
  given: string | undefined,
): Promise<string | undefined> {
  const { organisationId } = actor;
  if (vendor === 'vibracartpro' && given !== undefined) throw fail('unknown_field', { field: 'secret' });
  if (vendor !== 'vibracartpro' && given === undefined) throw fail('is_blank', { field: 'secret' });
  const drawn = given === undefined ? `ctw_${randomBytes(32).toString('base64url')}` : undefined;
  const sealed = deps.vault.seal(Buffer.from(drawn ?? given ?? ''), secretPurpose(organisationId, vendor));
  await inTransaction(db, async (tx) => {
    await holdOrganisation(tx, organisationId);
    if (given !== undefined) await forget(tx, deps.vault, organisationId, vendor, Buffer.from(given));
    await insertSecret(tx, organisationId, { id: deps.ids.next(), vendor, sealed, createdAt: deps.clock() });
    await deleteOlderSecrets(tx, organisationId, vendor, KEPT[vendor] ?? 1);
    await recordChange(tx, deps, actor, 'integration.secret_set', vendor);
  });
  return drawn;
}

/** One that is set again counts once: else it would drive out the other one of two. */
async function forget(
  tx: Transaction<DB>,
  vault: Deps['vault'],
  organisationId: string,
  vendor: Vendor,
  secret: Buffer,
): Promise<void> {
  for (const { id, sealed } of await listSealedSecrets(tx, organisationId, vendor))
    if (vault.open(sealed, secretPurpose(organisationId, vendor)).equals(secret))
      await deleteSecrets(tx, organisationId, vendor, id);
}

/** Fails with `not_found` where none is set, or no such one. */
export function removeSecrets(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  actor: Actor,
  vendor: Vendor,
  secretId?: string,
): Promise<void> {
  return inTransaction(db, async (tx) => {
    const id = secretId === undefined ? undefined : parseId(secretId);
    const known = secretId === undefined || id !== undefined;
    const removed = known ? await deleteSecrets(tx, actor.organisationId, vendor, id) : 0;
    if (removed === 0) throw fail('not_found', { field: secretId === undefined ? 'vendor' : 'secretId' });
    await recordChange(tx, deps, actor, 'integration.secret_removed', vendor);
  });
}

function recordChange(
  tx: Transaction<DB>,
  { ids }: Pick<Deps, 'ids'>,
  { organisationId, userId }: Actor,
  type: string,
  vendor: Vendor,
): Promise<void> {
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId, data: { vendor } });
}
