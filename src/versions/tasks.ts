import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { type VerifyResult, verifyManifest } from '../archives/verify.ts';
import { bytesOf } from '../blobs/bytes.ts';
import { archiveKey, manifestKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { lockProduct } from '../products/queries.ts';
import { makeActive } from './actions.ts';
import { findVersion, isStillWanted, isWaiting, markFailed, markReady, type VersionRow } from './queries.ts';

export type WorkerDeps = Pick<Deps, 'db' | 'blobs' | 'ids' | 'signer' | 'clock' | 'log'>;

export interface VerifyVersion {
  readonly organisationId: string;
  readonly productId: string;
  readonly versionId: string;
}

/**
 * Reads every byte of a version in `processing` and makes it `ready` or `failed`. Run again after a crash it comes to
 * the same end, and for a version that is done it does nothing. Rejects soon after `signal` aborts, concluding nothing.
 */
export async function verifyVersion(
  deps: WorkerDeps,
  { organisationId, productId, versionId }: VerifyVersion,
  signal?: AbortSignal,
): Promise<void> {
  const version = await findVersion(deps.db, organisationId, productId, versionId);
  if (version?.status !== 'processing') return;
  const bytes = await deps.blobs.readBuffer(manifestKey(organisationId, version.manifest_sha256.toString('hex')));
  const manifest = JSON.parse(bytes.toString()) as Manifest;
  const blobs = signal ? readingUntil(signal, deps.blobs) : deps.blobs;
  const result = await verifyManifest({ manifest, orgId: organisationId, blobs });
  await inTransaction(deps.db as Kysely<DB>, async (tx) => {
    await lockProduct(tx, organisationId, productId);
    if (!(await isWaiting(tx, version))) return;
    if (result.ok) await concludeReady(tx, deps, version, result, deps.signer.sign(bytes));
    else await concludeFailed(tx, deps, version, result);
  });
}

/** The store, until the process is told to stop: the reads of a verification are short and many. */
function readingUntil(signal: AbortSignal, blobs: BlobStore): BlobStore {
  return {
    ...blobs,
    read(...parameters) {
      signal.throwIfAborted();
      return blobs.read(...parameters);
    },
    readBuffer(...parameters) {
      signal.throwIfAborted();
      return blobs.readBuffer(...parameters);
    },
  };
}

/**
 * The index is stored under the product's lock, before the row says that it is there: stored any earlier, a late
 * verification of content that was replaced meanwhile could put its index in the place of the right one.
 */
async function concludeReady(
  tx: Transaction<DB>,
  { blobs, clock, ids }: WorkerDeps,
  version: VersionRow,
  { index, archiveSize, etag: archiveEtag }: Extract<VerifyResult, { ok: true }>,
  manifestJws: string,
): Promise<void> {
  await blobs.put(archiveKey(version.id), bytesOf(index), { maxSize: index.length });
  if (!(await markReady(tx, version, { archiveSize, archiveEtag, manifestJws }, clock()))) return;
  const activated = await isStillWanted(tx, version);
  await record(tx, { ids }, version, 'version.ready', { activated });
  if (activated) await makeActive(tx, { ids, clock }, version, version.created_by, 'when_published');
}

async function concludeFailed(
  tx: Transaction<DB>,
  deps: WorkerDeps,
  version: VersionRow,
  { failures }: Extract<VerifyResult, { ok: false }>,
): Promise<void> {
  if (!(await markFailed(tx, version, failures))) return;
  await record(tx, deps, version, 'version.failed');
}

function record(
  tx: Transaction<DB>,
  { ids }: Pick<WorkerDeps, 'ids'>,
  { organisation_id: organisationId, product_id: productId, id: versionId, version }: VersionRow,
  type: 'version.ready' | 'version.failed',
  more: { activated?: boolean } = {},
): Promise<void> {
  const data = { product_id: productId, version_id: versionId, version, ...more };
  return recordEvent(tx, { id: ids.next(), organisationId, type, userId: null, data });
}
