import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { endRequest } from '../build_requests/ending.ts';
import { isTaken } from '../build_requests/publish_check.ts';
import { type Ending, lockRequest, type RequestRow } from '../build_requests/queries.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { Failure } from '../errors/fail.ts';
import { publishStored, storeManifest } from '../manifests/actions.ts';
import type { Manifest } from '../manifests/manifest.ts';
import type { PublishBody } from '../manifests/publish_body.ts';
import { lockProduct } from '../products/queries.ts';
import { listLapsed } from '../runner/queries.ts';
import { loseTask } from './actions.ts';
import { listArtifacts } from './artifact_queries.ts';

type Needs = Pick<Deps, 'clock' | 'db' | 'blobs' | 'ids' | 'vault' | 'config'>;

export interface PublishBuildRequest {
  readonly organisationId: string;
  readonly buildRequestId: string;
}

/**
 * Publishes what a build request made, all of whose builds have succeeded, and ends the request, in one transaction: run
 * again after a crash it publishes once. What cannot be published for good is the request's error.
 */
export async function publishBuildRequest(
  deps: Needs,
  { organisationId, buildRequestId }: PublishBuildRequest,
): Promise<void> {
  await inTransaction(deps.db as Kysely<DB>, async (tx) => {
    // Before anything is locked: firehoses cannot tell of what is newer than a transaction that writes, and storage is slow.
    const artifacts = await listArtifacts(tx, organisationId, buildRequestId);
    for (const { manifest } of artifacts) await storeManifest(tx, deps, organisationId, manifest, hashOf(manifest));
    // Every build has ended, so that none of them sends another artifact; with its request they all go.
    const request = await lockRequest(tx, organisationId, buildRequestId);
    if (request?.state !== 'processing') return;
    await endRequest(tx, deps, request, await publish(tx, deps, request, artifacts));
  });
}

/** Words of refusals that no repetition changes. */
const FINAL: ReadonlySet<string> = new Set(['already_exists', 'not_found', 'conflict']);

interface Artifact {
  readonly product_hash: string;
  readonly manifest: Buffer;
}

async function publish(
  tx: Transaction<DB>,
  deps: Needs,
  request: RequestRow,
  artifacts: readonly Artifact[],
): Promise<Ending> {
  const [artifact] = artifacts;
  // Suites may have changed between the request and its builds.
  if (artifacts.length !== 1 || !artifact) return failed('artifact_missing');
  const product = await lockProduct(tx, request.organisation_id, request.publish_product_id ?? '');
  if (!product) return failed('not_found');
  if (await isTaken(tx, request.organisation_id, product.id, request.publish_version ?? ''))
    return failed('already_exists');
  const publisher = { organisationId: request.organisation_id, userId: request.created_by };
  try {
    const { version } = await publishStored(tx, deps, publisher, bodyOf(request, artifact));
    return { state: 'processed', result: 'succeed', published_version_id: version.id };
  } catch (error) {
    // It refuses before it writes anything, so that the transaction can go on.
    if (error instanceof Failure && FINAL.has(error.code)) return failed(error.code);
    throw error;
  }
}

const hashOf = (manifest: Buffer): string => createHash('sha256').update(manifest).digest('hex');

const failed = (error: string): Ending => ({ state: 'processed', result: 'failed', error });

function bodyOf(request: RequestRow, artifact: Artifact): PublishBody {
  const { packs, files } = JSON.parse(artifact.manifest.toString()) as Manifest;
  return {
    ok: true,
    vendorId: request.organisation_id,
    productId: request.publish_product_id ?? '',
    version: request.publish_version ?? '',
    productHash: artifact.product_hash,
    activate: request.publish_activate,
    manifestBytes: artifact.manifest,
    manifestSha256: hashOf(artifact.manifest),
    size: files.reduce((total, { size }) => total + size, 0),
    fileCount: files.length,
    packs,
  };
}

/** Gives the tasks of lost runners to others, for organisations whose runners are all gone or busy. */
export async function requeueLapsed(
  deps: Omit<Needs, 'blobs'> & Pick<Deps, 'log'>,
  signal?: AbortSignal,
): Promise<void> {
  for (const { id, organisation_id } of await listLapsed(deps.db)) {
    signal?.throwIfAborted();
    await loseTask(deps.db, deps, organisation_id, id).catch((err: unknown) => {
      deps.log.warn({ err, taskId: id }, 'a lapsed lease was left for the next time');
    });
  }
}
