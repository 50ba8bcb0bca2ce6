import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { endLease, type LeaseRow, renewLease, takeExpired, takeUnused } from './queries.ts';

const LEASE = 60_000;
const TRIES = 50;

export interface Lease {
  workerId: number;
  /**
   * The database's clock, milliseconds since 1970: read at the last renewal and carried on by the monotonic clock, so
   * that all holders of a number agree on the time, whatever their machines' clocks say.
   */
  now(): number;
  /** False once the lease has run out by the monotonic clock: an id made then could be another holder's. */
  isValid(): boolean;
  /** Answers false when the number has been given to another process. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Leases a worker id (0–1023) for 60 seconds. Rejects when none is free.
 * @param monotonic milliseconds from any origin, never going back
 */
export async function leaseWorkerId(
  db: Kysely<DB>,
  { monotonic = () => performance.now() }: { monotonic?: () => number } = {},
): Promise<Lease> {
  const holder = randomUUID();
  let asked = monotonic();
  let answer = await take(db, holder, () => {
    asked = monotonic();
  });
  let answered = monotonic();
  const { worker_id: workerId } = answer;
  return {
    workerId,
    now: () => answer.now + (monotonic() - answered),
    // Counted from before the question, since the database's own count began after it.
    isValid: () => monotonic() - asked < LEASE,
    async renew() {
      const before = monotonic();
      const renewed = await renewLease(db, workerId, holder);
      if (renewed === undefined) return false;
      asked = before;
      answered = monotonic();
      answer = renewed;
      return true;
    },
    release: () => endLease(db, workerId, holder),
  };
}

async function take(db: Kysely<DB>, holder: string, asking: () => void): Promise<LeaseRow> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    asking();
    const row = (await takeExpired(db, holder)) ?? (await takeUnused(db, holder));
    if (row !== undefined) return row;
  }
  throw new Error('all 1,024 worker ids are leased');
}
