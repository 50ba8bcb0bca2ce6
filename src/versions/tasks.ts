import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { verifyManifest } from '../archives/verify.ts';
import { archiveKey, manifestKey } from '../blobs/keys.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { recordEvent } from '../events/record.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { lockProduct } from '../products/queries.ts';
import { serve } from './actions.ts';
import { findVersion, markFailed, markReady, type VersionRow } from './queries.ts';

export type WorkerDeps = Pick<Deps, 'db' | 'blobs' | 'ids' | 'signer' | 'clock' | 'log'>;

export interface VerifyVersion {
  readonly organisationId: string;
  readonly productId: string;
  readonly versionId: string;
}

/**
 * Reads every byte of a version in `processing` and makes it `ready` or `failed`. The archive's index is stored before
 * the row says so; run again after a crash it comes to the same end, and for a version that is done it does nothing.
 */
export async function verifyVersion(
  deps: WorkerDeps,
  { organisationId, productId, versionId }: VerifyVersion,
): Promise<void> {
  const version = await findVersion(deps.db, organisationId, productId, versionId);
  if (version?.status !== 'processing') return;
  const bytes = await deps.blobs.readBuffer(manifestKey(organisationId, version.manifest_sha256.toString('hex')));
  const manifest = JSON.parse(bytes.toString()) as Manifest;
  const result = await verifyManifest({ manifest, orgId: organisationId, blobs: deps.blobs });
  if (!result.ok) return conclude(deps, version, 'version.failed', (tx) => markFailed(tx, version, result.failures));
  await deps.blobs.put(archiveKey(versionId), bytesOf(result.index), { maxSize: result.index.length });
  const verified = { archiveSize: result.archiveSize, archiveEtag: result.etag, manifestJws: deps.signer.sign(bytes) };
  await conclude(deps, version, 'version.ready', (tx) => markReady(tx, version, verified, deps.clock()));
}

async function* bytesOf(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer;
}

function conclude(
  { db, ids }: WorkerDeps,
  version: VersionRow,
  type: 'version.ready' | 'version.failed',
  mark: (tx: Parameters<typeof markFailed>[0]) => Promise<boolean>,
): Promise<void> {
  const { organisation_id: organisationId, product_id: productId, id } = version;
  return inTransaction(db as Kysely<DB>, async (tx) => {
    await lockProduct(tx, organisationId, productId);
    if (!(await mark(tx))) return;
    const data = { productId, versionId: id, version: version.version };
    await recordEvent(tx, { id: ids.next(), organisationId, type, userId: null, data });
    const current = await findVersion(tx, organisationId, productId, id);
    if (type === 'version.ready' && current?.activate_when_ready) await serve(tx, { ids }, current, current.created_by);
  });
}
