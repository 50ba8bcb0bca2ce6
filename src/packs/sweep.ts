import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { LOCKS } from '../db/locks.ts';
import { withExclusive } from '../db/try_lock.ts';
import { condemn, findCondemned, findUnneeded, forgetCondemned, type PackRef } from './queries.ts';

/** Packs for one turn of the lock: uploads and manifests wait for as long as it takes to erase them. */
const BATCH = 100;
/** Erased at once, and at most what a sweeper that lost its lock may still be erasing. */
const GROUP = 10;
/** Packs of one run; the next one takes the rest. */
const MOST = 50_000;

export interface Swept {
  readonly erased: number;
  /** Others held the packs lock, as a backup does: some or all of it was left to the next run. */
  readonly skipped: boolean;
}

/**
 * Erases packs that no version and no artifact of a build refers to and nobody asked for since `hours`, in three steps of which each may be the
 * last before a crash: the row moves to `condemned_packs` (committed), the bytes are erased, the condemned row goes.
 * - Never a row without bytes: from the first step on the pack is absent to everyone, and cannot be recorded again.
 * - Never bytes that are forgotten: a condemned row outlives a crash, and the next run begins with those.
 * - Never the bytes of a new upload: its transaction waits for the exclusive lock and then finds its bytes gone, or,
 *   where the lock broke with its connection, finds the condemned row; both times it is told to send them again. The
 *   lock's own connection writes after every group, so that a sweeper that lost it stops there.
 * The job queue repeats a run that rejects within seconds.
 */
export async function sweepPacks(
  db: Kysely<DB>,
  hours: number,
  erase: (organisationId: string, sha256: string) => Promise<void>,
): Promise<Swept> {
  const left = await findCondemned(db, 1);
  const unneeded = await findUnneeded(db, hours, MOST);
  let erased = 0;
  for (let at = left.length > 0 ? -BATCH : 0; at < unneeded.length; at += BATCH) {
    const batch = at < 0 ? [] : unneeded.slice(at, at + BATCH);
    const done = await withExclusive(db, LOCKS.packs, async (held) => {
      if (batch.length > 0) await condemn(held, batch, hours);
      return eraseCondemned(held, erase);
    });
    if (done === undefined) return { erased, skipped: true };
    erased += done;
  }
  return { erased, skipped: false };
}

async function eraseCondemned(
  held: Kysely<DB>,
  erase: (organisationId: string, sha256: string) => Promise<void>,
): Promise<number> {
  let erased = 0;
  for (;;) {
    const group: PackRef[] = await findCondemned(held, GROUP);
    if (group.length === 0) return erased;
    // All must have ended before the lock is given back, also where one of them fails.
    const ends = await Promise.allSettled(
      group.map(({ organisationId, sha256 }) => erase(organisationId, sha256.toString('hex'))),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
    await forgetCondemned(held, group);
    erased += group.length;
  }
}
