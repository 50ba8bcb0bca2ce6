import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import type { Minted } from '../download_tokens/actions.ts';
import { linkForCustomer } from '../download_tokens/customer_link.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import type { Customer } from './customer.ts';
import { findSeller } from './purchase_queries.ts';

/** A fresh link for a purchase of the customer's. Fails as `linkForCustomer` does. */
export async function freshLink(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  { email }: Customer,
  { purchaseId, version }: { readonly purchaseId: string; readonly version: string | null },
): Promise<Minted> {
  const id = parseId(purchaseId);
  const organisationId = id && (await findSeller(db, email, id));
  if (!id || !organisationId) throw fail('not_found', { field: 'purchaseId' });
  return linkForCustomer(db, deps, { organisationId, purchaseId: id, email, version });
}
