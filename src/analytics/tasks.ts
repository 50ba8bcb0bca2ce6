import type { Deps } from '../deps.ts';
import { foldChanges } from './queries.ts';

const AT_ONCE = 50_000;

/** Folds the counted changes of sessions into days, so that there are few rows to add up; nobody misses it for a while. */
export async function foldDownloadDays({ db }: Pick<Deps, 'db'>, signal?: AbortSignal): Promise<void> {
  while ((await foldChanges(db, AT_ONCE)) === AT_ONCE) signal?.throwIfAborted();
}
