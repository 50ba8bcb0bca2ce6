import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

export interface NewArtifact {
  readonly productHash: string;
  readonly manifest: Buffer;
  readonly packs: readonly Buffer[];
}

/** What the build made, in place of what it sent before. Its packs are kept from the sweeper from now on. */
export async function replaceArtifact(
  tx: Transaction<DB>,
  organisationId: string,
  buildId: string,
  { productHash, manifest, packs }: NewArtifact,
): Promise<void> {
  await tx.deleteFrom('build_artifacts').where('build_id', '=', buildId).execute();
  await tx.insertInto('build_artifacts').values({ build_id: buildId, product_hash: productHash, manifest }).execute();
  await sql`insert into build_artifact_packs (build_id, organisation_id, sha256)
    select ${buildId}::bigint, ${organisationId}, unnest(${packs}::bytea[])`.execute(tx);
}

export async function hasArtifact(db: Kysely<DB>, organisationId: string, buildId: string): Promise<boolean> {
  return (await artifacts(db, organisationId).where('b.id', '=', buildId).executeTakeFirst()) !== undefined;
}

/** Those of all builds of the request. */
export function listArtifacts(db: Kysely<DB>, organisationId: string, requestId: string) {
  return artifacts(db, organisationId)
    .select(['a.product_hash', 'a.manifest'])
    .where('b.build_request_id', '=', requestId)
    .execute();
}

const artifacts = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('build_artifacts as a')
    .innerJoin('builds as b', 'b.id', 'a.build_id')
    .select('b.id')
    .where('b.organisation_id', '=', organisationId);

/** Those of a request that has ended: published, a version holds the packs; else nobody needs them. */
export async function deleteArtifacts(tx: Transaction<DB>, organisationId: string, requestId: string): Promise<void> {
  await sql`delete from build_artifacts a using builds b
    where b.id = a.build_id and b.organisation_id = ${organisationId} and b.build_request_id = ${requestId}`.execute(
    tx,
  );
}
