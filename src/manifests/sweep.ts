import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { manifestKey } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { LOCKS } from '../db/locks.ts';
import { withExclusive } from '../db/try_lock.ts';
import type { Swept } from '../packs/sweep.ts';
import { findUnnamed, type StoredManifest } from './queries.ts';

const BATCH = 1_000;

/**
 * Erases the manifests that no version names: of calls that failed, and of content that was replaced. Under the
 * exclusive packs lock no call is between storing its manifest and recording the version. Archive indexes need no
 * sweeping: each belongs to a version, and those stay.
 */
export async function sweepManifests(
  db: Kysely<DB>,
  blobs: Pick<BlobStore, 'list' | 'delete'>,
  signal?: AbortSignal,
): Promise<Swept> {
  let erased = 0;
  for await (const batch of batches(blobs)) {
    const unnamed = await findUnnamed(db, batch);
    if (unnamed.length === 0) continue;
    const done = await withExclusive(db, LOCKS.packs, async (held) => {
      for (const manifest of unnamed) {
        signal?.throwIfAborted();
        // Asked once more for each, on the connection that holds the lock: it proves that the lock is held.
        if ((await findUnnamed(held, [manifest])).length === 0) continue;
        await blobs.delete(manifestKey(manifest.organisationId, manifest.sha256));
        erased += 1;
      }
      return true;
    });
    if (done === undefined) return { erased, skipped: true };
  }
  return { erased, skipped: false };
}

async function* batches(blobs: Pick<BlobStore, 'list'>): AsyncGenerator<StoredManifest[]> {
  let batch: StoredManifest[] = [];
  for await (const { key } of blobs.list('manifests/')) {
    const [, organisationId = '', sha256 = ''] = key.split('/');
    batch.push({ organisationId, sha256 });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
