import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';
import { requirePacks } from '../manifests/actions.ts';
import type { ContentBody } from '../manifests/publish_body.ts';
import { keepPacks, touchPacks } from '../manifests/queries.ts';
import { findTask, findWish, type Lease } from '../runner/queries.ts';
import { requireLease } from '../runner/rules.ts';
import { wantsArtifact } from './actions.ts';
import { replaceArtifact } from './artifact_queries.ts';
import { holdTask } from './held.ts';
import { lockBuild } from './queries.ts';
import { hasEnded } from './rules.ts';

/** Fails unless the lease is that of a build whose artifact is to be published: only then may its runner store anything. */
export async function requireUpload(db: Kysely<DB>, lease: Lease, taskId: string): Promise<void> {
  const task = await findTask(db, lease.organisationId, taskId);
  if (!task) throw fail('not_found', { field: 'task_id' });
  requireLease(task, lease);
  const wish = await findWish(db, lease.organisationId, taskId);
  if (!wish || !wantsArtifact(wish, wish)) throw fail('conflict');
}

/** Records what the build made; its packs are all stored. Answers the build's id. */
export async function recordArtifact(
  db: Kysely<DB>,
  lease: Lease,
  taskId: string,
  artifact: ContentBody,
): Promise<string> {
  await requireUpload(db, lease, taskId);
  const packs = artifact.packs.map(({ sha256 }) => Buffer.from(sha256, 'hex'));
  return inTransaction(db, async (tx) => {
    const { build_id } = await holdTask(tx, lease, taskId);
    if (hasEnded((await lockBuild(tx, lease.organisationId, build_id)).state)) throw fail('conflict');
    await keepPacks(tx);
    requirePacks(artifact, await touchPacks(tx, lease.organisationId, packs));
    const { productHash, manifestBytes: manifest } = artifact;
    await replaceArtifact(tx, lease.organisationId, build_id, { productHash, manifest, packs });
    return build_id;
  });
}
