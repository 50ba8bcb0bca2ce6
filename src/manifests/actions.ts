import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { manifestKey } from '../blobs/keys.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { lockProduct } from '../products/queries.ts';
import type { Principal } from '../users/principal.ts';
import { serve } from '../versions/actions.ts';
import {
  activateWhenReady,
  type Content,
  findVersion,
  findVersionByNumber,
  insertVersion,
  referencePacks,
  replaceContent,
  type VersionRow,
} from '../versions/queries.ts';
import { onExisting, type VersionStatus } from '../versions/rules.ts';
import type { PublishBody } from './publish_body.ts';
import { keepPacks, queueVerification, touchPacks } from './queries.ts';

export interface Published {
  readonly version: VersionRow;
  /** False when the same content was there already under this number. */
  readonly created: boolean;
}

/**
 * Records a version whose packs are all stored and queues its verification. The manifest's bytes are stored before the
 * row that names them; a process that dies between leaves bytes that nothing refers to, and the call can be repeated.
 */
export async function publishManifest(
  db: Kysely<DB>,
  deps: Deps,
  principal: Principal,
  body: PublishBody,
): Promise<Published> {
  const { organisationId } = principal;
  if (body.vendorId !== organisationId) throw fail('not_found', { field: 'vendorId' });
  const sha256 = body.manifestSha256;
  const key = manifestKey(organisationId, sha256);
  await deps.blobs.put(key, bytesOf(body.manifestBytes), {
    sha256,
    size: body.manifestBytes.length,
    maxSize: body.manifestBytes.length,
  });
  return inTransaction(db, async (tx) => {
    await keepPacks(tx);
    if (!(await lockProduct(tx, organisationId, body.productId))) throw fail('not_found', { field: 'productId' });
    await requirePacks(tx, organisationId, body);
    return record(tx, deps, principal, body);
  });
}

async function* bytesOf(buffer: Buffer): AsyncGenerator<Buffer> {
  yield buffer;
}

const MAX_LISTED = 50;

async function requirePacks(tx: Transaction<DB>, organisationId: string, { packs }: PublishBody): Promise<void> {
  const sizes = await touchPacks(
    tx,
    organisationId,
    packs.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
  );
  const wrong: FieldErrors = {};
  for (const [index, { sha256, size }] of packs.entries()) {
    if (sizes.get(sha256) !== size) wrong[`manifest.packs.${index}`] = ['conflict'];
    if (Object.keys(wrong).length === MAX_LISTED) break;
  }
  if (Object.keys(wrong).length > 0) throw failFields(wrong);
}

async function record(tx: Transaction<DB>, deps: Deps, principal: Principal, body: PublishBody): Promise<Published> {
  const { organisationId, userId } = principal;
  const { productId, version, activate } = body;
  const existing = await findVersionByNumber(tx, organisationId, productId, version);
  const content = contentOf(body);
  const decision =
    existing && onExisting(existing.status as VersionStatus, existing.product_hash.equals(content.productHash));
  if (decision === 'already_exists') throw fail('already_exists', { field: 'version' });
  if (existing && decision === 'same') {
    if (activate && existing.status === 'ready' && !existing.active) await serve(tx, deps, existing, userId);
    if (activate && existing.status === 'processing') await activateWhenReady(tx, organisationId, existing.id);
    return { version: await load(tx, organisationId, productId, existing.id), created: false };
  }
  const id = existing?.id ?? deps.ids.next();
  if (existing) await replaceContent(tx, organisationId, id, content);
  else await insertVersion(tx, organisationId, { id, productId, version, createdBy: userId }, content);
  await referencePacks(
    tx,
    organisationId,
    id,
    body.packs.map(({ sha256 }) => Buffer.from(sha256, 'hex')),
  );
  await queueVerification(tx, organisationId, productId, id);
  await recordEvent(tx, {
    id: deps.ids.next(),
    organisationId,
    type: 'version.created',
    userId,
    data: { productId, versionId: id, version },
  });
  return { version: await load(tx, organisationId, productId, id), created: true };
}

function contentOf(body: PublishBody): Content {
  return {
    productHash: Buffer.from(body.productHash, 'hex'),
    manifestSha256: Buffer.from(body.manifestSha256, 'hex'),
    manifestSize: body.manifestBytes.length,
    activate: body.activate,
    size: body.size,
    fileCount: body.fileCount,
  };
}

async function load(tx: Transaction<DB>, organisationId: string, productId: string, id: string): Promise<VersionRow> {
  const row = await findVersion(tx, organisationId, productId, id);
  if (!row) throw new Error(`version ${id} was not stored`);
  return row;
}
