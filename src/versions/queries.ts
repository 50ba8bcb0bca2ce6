import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

const versions = (db: Kysely<DB>, organisationId: string, productId: string) =>
  db
    .selectFrom('versions as v')
    .innerJoin('products as p', (join) =>
      join.onRef('p.organisation_id', '=', 'v.organisation_id').onRef('p.id', '=', 'v.product_id'),
    )
    .selectAll('v')
    .select(sql<boolean>`coalesce(p.active_version_id = v.id, false)`.as('active'))
    .where('v.organisation_id', '=', organisationId)
    .where('v.product_id', '=', productId);

/** One row more than the page holds, newest first. */
export function listVersionRows(db: Kysely<DB>, organisationId: string, productId: string, { limit, before }: Page) {
  const query = versions(db, organisationId, productId)
    .orderBy('v.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('v.id', '<', before)).execute();
}

export type VersionRow = Awaited<ReturnType<typeof listVersionRows>>[number];

export function findVersion(
  db: Kysely<DB>,
  organisationId: string,
  productId: string,
  id: string,
): Promise<VersionRow | undefined> {
  return versions(db, organisationId, productId).where('v.id', '=', id).executeTakeFirst();
}

export function findVersionByNumber(db: Kysely<DB>, organisationId: string, productId: string, version: string) {
  return versions(db, organisationId, productId).where('v.version', '=', version).executeTakeFirst();
}

/** What the manifest says of a version's content. */
export interface Content {
  readonly productHash: Buffer;
  readonly manifestSha256: Buffer;
  readonly manifestSize: number;
  readonly activate: boolean;
  readonly size: number;
  readonly fileCount: number;
}

const contentColumns = (content: Content) => ({
  product_hash: content.productHash,
  manifest_sha256: content.manifestSha256,
  manifest_size: content.manifestSize,
  // Not now(): the transaction may have begun before another one that held the product's lock.
  activation_asked_at: content.activate ? sql<Date>`clock_timestamp()` : null,
  size: content.size,
  file_count: content.fileCount,
});

interface NewVersion {
  readonly id: string;
  readonly productId: string;
  readonly version: string;
  readonly createdBy: string | null;
}

export async function insertVersion(
  tx: Transaction<DB>,
  organisationId: string,
  row: NewVersion,
  content: Content,
): Promise<void> {
  const { id, productId, version, createdBy } = row;
  await tx
    .insertInto('versions')
    .values({
      id,
      organisation_id: organisationId,
      product_id: productId,
      version,
      created_by: createdBy,
      ...contentColumns(content),
    })
    .execute();
}

/** Gives a version that failed its verification another content to verify. */
export async function replaceContent(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  content: Content,
): Promise<void> {
  await tx
    .deleteFrom('version_packs')
    .where('organisation_id', '=', organisationId)
    .where('version_id', '=', id)
    .execute();
  await tx
    .updateTable('versions')
    .set({ ...contentColumns(content), status: 'processing', failures: '[]' })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

export async function referencePacks(
  tx: Transaction<DB>,
  organisationId: string,
  versionId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await sql`insert into version_packs (version_id, organisation_id, sha256)
    select ${versionId}::bigint, ${organisationId}, unnest(${hashes}::bytea[])`.execute(tx);
}

export async function activateWhenReady(tx: Transaction<DB>, organisationId: string, id: string): Promise<void> {
  await tx
    .updateTable('versions')
    .set({ activation_asked_at: sql`clock_timestamp()` })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** Publishes the product with this version, and notes when that was asked for, and when it was first. */
export async function setActive(
  tx: Transaction<DB>,
  { organisation_id, product_id, id }: VersionRow,
  asked: 'now' | 'when_published',
  at: Date,
): Promise<void> {
  await tx
    .updateTable('versions')
    .set({ activated_at: at })
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .where('activated_at', 'is', null)
    .execute();
  await tx
    .updateTable('products')
    .from('versions as v')
    .set({
      active_version_id: id,
      status: 'published',
      updated_at: sql`now()`,
      activation_asked_at: asked === 'now' ? sql`clock_timestamp()` : sql`v.activation_asked_at`,
    })
    .where('products.organisation_id', '=', organisation_id)
    .where('products.id', '=', product_id)
    .where('v.organisation_id', '=', organisation_id)
    .where('v.id', '=', id)
    .execute();
}

/**
 * Whether a version that is ready at last should still become the active one: not where the active one was asked for
 * later, in whatever way, nor where the product was archived meanwhile. The caller holds the product's lock.
 */
export async function isStillWanted(tx: Transaction<DB>, { organisation_id, id }: VersionRow): Promise<boolean> {
  const row = await tx
    .selectFrom('versions as v')
    .innerJoin('products as p', (join) =>
      join.onRef('p.organisation_id', '=', 'v.organisation_id').onRef('p.id', '=', 'v.product_id'),
    )
    .select('v.id')
    .where('v.organisation_id', '=', organisation_id)
    .where('v.id', '=', id)
    .where('p.status', '!=', 'archived')
    .where('v.activation_asked_at', 'is not', null)
    .where(({ or, eb, ref }) =>
      or([
        eb('p.active_version_id', 'is', null),
        eb('p.activation_asked_at', 'is', null),
        eb('p.activation_asked_at', '<', ref('v.activation_asked_at')),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

/** True while the version waits for the verification of this very manifest. */
export async function isWaiting(tx: Transaction<DB>, row: VersionRow): Promise<boolean> {
  const current = await findVersion(tx, row.organisation_id, row.product_id, row.id);
  return current?.status === 'processing' && current.manifest_sha256.equals(row.manifest_sha256);
}

export async function markYanked(tx: Transaction<DB>, organisationId: string, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('versions')
    .set({ status: 'yanked', yanked_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

export interface Verified {
  readonly archiveSize: number;
  readonly archiveEtag: string;
  readonly manifestJws: string;
}

/** Only a version still waiting for this very manifest becomes ready; answers false when it is not. */
export async function markReady(
  tx: Transaction<DB>,
  row: VersionRow,
  { archiveSize, archiveEtag, manifestJws }: Verified,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await stillWaiting(tx, row)
    .set({
      status: 'ready',
      ready_at: at,
      archive_size: archiveSize,
      archive_etag: archiveEtag,
      manifest_jws: manifestJws,
    })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function markFailed(tx: Transaction<DB>, row: VersionRow, failures: readonly object[]): Promise<boolean> {
  const { numUpdatedRows } = await stillWaiting(tx, row)
    .set({ status: 'failed', failures: JSON.stringify(failures) })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function stillWaiting(tx: Transaction<DB>, row: VersionRow) {
  return tx
    .updateTable('versions')
    .where('organisation_id', '=', row.organisation_id)
    .where('id', '=', row.id)
    .where('status', '=', 'processing')
    .where('manifest_sha256', '=', row.manifest_sha256);
}
