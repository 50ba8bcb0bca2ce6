import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { bytesOf } from '../blobs/bytes.ts';
import { manifestKey } from '../blobs/keys.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { findProduct, lockProduct } from '../products/queries.ts';
import { makeActive } from '../versions/actions.ts';
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
import { findPackSizes, keepPacks, queueVerification, requeueVerification, touchPacks } from './queries.ts';

export interface Published {
  readonly version: VersionRow;
  /** False when the same content was there already under this number. */
  readonly created: boolean;
}

type Needs = Pick<Deps, 'clock' | 'blobs' | 'ids'>;

/** Who publishes: a user, or null for a build that nobody of this organisation's asked for by hand. */
export interface Publisher {
  readonly organisationId: string;
  readonly userId: string | null;
}

/**
 * Records a version whose packs are all stored and queues its verification. What can be refused is refused before the
 * manifest is stored, and checked again under the locks. Its bytes are stored inside of the transaction, whose share of
 * the packs lock keeps the sweeper off bytes that no row names yet; what a call that fails leaves, the sweeper takes.
 */
export async function publishManifest(
  db: Kysely<DB>,
  deps: Needs,
  publisher: Publisher,
  body: PublishBody,
): Promise<Published> {
  const { organisationId } = publisher;
  if (body.vendorId !== organisationId) throw fail('not_found', { field: 'vendorId' });
  if (!(await findProduct(db, organisationId, body.productId))) throw fail('not_found', { field: 'productId' });
  requirePacks(body, await findPackSizes(db, organisationId, hashesOf(body)));
  return inTransaction(db, async (tx) => {
    await storeManifest(tx, deps, organisationId, body.manifestBytes, body.manifestSha256);
    return publishStored(tx, deps, publisher, body);
  });
}

/** Stores the bytes of a manifest, and keeps the sweeper off them and off all packs until the transaction ends. */
export async function storeManifest(
  tx: Transaction<DB>,
  { blobs }: Pick<Deps, 'blobs'>,
  organisationId: string,
  bytes: Buffer,
  sha256: string,
): Promise<void> {
  await keepPacks(tx);
  const size = bytes.length;
  await blobs.put(manifestKey(organisationId, sha256), bytesOf(bytes), { sha256, size, maxSize: size });
}

/** The same in the transaction in which its manifest was stored. */
export async function publishStored(
  tx: Transaction<DB>,
  deps: Needs,
  publisher: Publisher,
  body: PublishBody,
): Promise<Published> {
  const { organisationId } = publisher;
  if (!(await lockProduct(tx, organisationId, body.productId))) throw fail('not_found', { field: 'productId' });
  requirePacks(body, await touchPacks(tx, organisationId, hashesOf(body)));
  return record(tx, deps, publisher, body);
}

const hashesOf = ({ packs }: Pick<PublishBody, 'packs'>) => packs.map(({ sha256 }) => Buffer.from(sha256, 'hex'));

const MAX_LISTED = 50;

export function requirePacks({ packs }: Pick<PublishBody, 'packs'>, sizes: ReadonlyMap<string, number>): void {
  const wrong: FieldErrors = {};
  for (const [index, { sha256, size }] of packs.entries()) {
    if (sizes.get(sha256) !== size) wrong[`manifest.packs.${index}`] = ['conflict'];
    if (Object.keys(wrong).length === MAX_LISTED) break;
  }
  if (Object.keys(wrong).length > 0) throw failFields(wrong);
}

async function record(tx: Transaction<DB>, deps: Needs, publisher: Publisher, body: PublishBody): Promise<Published> {
  const { organisationId, userId } = publisher;
  const { productId, version, activate } = body;
  const existing = await findVersionByNumber(tx, organisationId, productId, version);
  const content = contentOf(body);
  const decision =
    existing && onExisting(existing.status as VersionStatus, existing.product_hash.equals(content.productHash));
  if (decision === 'already_exists') throw fail('already_exists', { field: 'version' });
  if (existing && decision === 'same') {
    if (activate && existing.status === 'ready' && !existing.active) await makeActive(tx, deps, existing, userId);
    if (activate && existing.status === 'processing') await activateWhenReady(tx, organisationId, existing.id);
    if (existing.status === 'processing') await requeueVerification(tx, organisationId, existing.id);
    return { version: await load(tx, organisationId, productId, existing.id), created: false };
  }
  const id = existing?.id ?? deps.ids.next();
  if (existing) await replaceContent(tx, organisationId, id, content);
  else await insertVersion(tx, organisationId, { id, productId, version, createdBy: userId }, content);
  await referencePacks(tx, organisationId, id, hashesOf(body));
  await queueVerification(tx, organisationId, id);
  await recordEvent(tx, {
    id: deps.ids.next(),
    organisationId,
    type: 'version.created',
    userId,
    data: { product_id: productId, version_id: id, version },
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
