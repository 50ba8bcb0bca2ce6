import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { changeProduct, lockProduct } from '../products/queries.ts';
import type { Principal } from '../users/principal.ts';
import { findVersion, markYanked, setActive, type VersionRow } from './queries.ts';
import { refusal, type VersionStatus } from './rules.ts';

/** Makes a ready version the one that is served, and publishes the product. Activating the active one changes nothing. */
export function activate(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  productId: string,
  versionId: string,
): Promise<VersionRow> {
  return withLockedVersion(db, principal, productId, versionId, async (tx, version) => {
    const refused = refusal(version.status as VersionStatus, 'activate');
    if (refused) throw refused;
    await makeActive(tx, deps, version, principal.userId);
  });
}

/**
 * The product's active version becomes `version`, asked for just now or, with `'when_published'`, by its manifest call.
 * The caller holds the product's lock.
 */
export async function makeActive(
  tx: Transaction<DB>,
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  version: VersionRow,
  userId: string | null,
  asked: 'now' | 'when_published' = 'now',
): Promise<void> {
  const { organisation_id: organisationId, product_id: productId, id } = version;
  await setActive(tx, version, asked, clock());
  const data = { product_id: productId, version_id: id, version: version.version };
  await recordEvent(tx, { id: ids.next(), organisationId, type: 'version.activated', userId, data });
}

/** Takes a version back for ever: it is never minted or served again. Yanking it twice changes nothing. */
export function yank(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  productId: string,
  versionId: string,
): Promise<VersionRow> {
  const { organisationId, userId } = principal;
  return withLockedVersion(db, principal, productId, versionId, async (tx, version) => {
    const refused = refusal(version.status as VersionStatus, 'yank');
    if (refused) throw refused;
    if (version.status === 'yanked') return;
    if (version.active) await changeProduct(tx, organisationId, productId, { active_version_id: null });
    await markYanked(tx, organisationId, version.id, deps.clock());
    const data = { product_id: productId, version_id: version.id, version: version.version };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'version.yanked', userId, data });
  });
}

function withLockedVersion(
  db: Kysely<DB>,
  { organisationId }: Principal,
  productId: string,
  versionId: string,
  change: (tx: Transaction<DB>, version: VersionRow) => Promise<void>,
): Promise<VersionRow> {
  return inTransaction(db, async (tx) => {
    if (!(await lockProduct(tx, organisationId, productId))) throw fail('not_found', { field: 'productId' });
    await change(tx, await loadVersion(tx, organisationId, productId, versionId));
    return loadVersion(tx, organisationId, productId, versionId);
  });
}

/** The version of the caller's own organisation, or `not_found`. */
export async function loadVersion(
  db: Kysely<DB>,
  organisationId: string,
  productId: string,
  versionId: string,
): Promise<VersionRow> {
  const id = parseId(versionId);
  const version = id && (await findVersion(db, organisationId, productId, id));
  if (!version) throw fail('not_found', { field: 'versionId' });
  return version;
}
