import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { type Lease, leaseWorkerId } from './lease.ts';
import { createSnowflake, type Snowflake } from './snowflake.ts';

const RENEWAL = 20_000;

export interface Ids {
  /** A new id, decimal digits, unique among all processes. Throws LeaseExpired (unavailable) or ClockDrift. */
  next(): string;
  /** Gives the worker id back. */
  close(): Promise<void>;
}

/** The database could not be reached for so long that another process may have our worker id by now. */
export class LeaseExpired extends Error {
  override name = 'LeaseExpired';
  /** SQLSTATE cannot_connect_now, so that it counts as the outage that it is. */
  code = '57P03';
  constructor() {
    super('the lease of the worker id has expired');
  }
}

export interface IdsOptions {
  monotonic?: () => number;
  /** Told why a renewal failed; it is tried again every 20 seconds. */
  onError?(error: unknown): void;
}

/** Leases a worker id and keeps it until `close`. The timer does not keep the program running. */
export async function createIds(db: Kysely<DB>, options: IdsOptions = {}): Promise<Ids & { renew(): Promise<void> }> {
  const lead = (lease: Lease) => ({
    lease,
    snowflake: createSnowflake({
      workerId: lease.workerId,
      now: lease.now,
      startAt: lease.now(),
    }),
  });
  let current: { lease: Lease; snowflake: Snowflake } = lead(await leaseWorkerId(db, options));
  let closed = false;

  async function renew(): Promise<void> {
    if ((await current.lease.renew()) || closed) return;
    current = lead(await leaseWorkerId(db, options));
  }
  const timer = setInterval(() => renew().catch((error) => options.onError?.(error)), RENEWAL);
  timer.unref();

  return {
    next() {
      if (closed || !current.lease.isValid()) throw new LeaseExpired();
      return current.snowflake.next();
    },
    renew,
    async close() {
      closed = true;
      clearInterval(timer);
      // Without a database the lease runs out on its own; the program must be able to stop then, too.
      await current.lease.release().catch((error: unknown) => options.onError?.(error));
    },
  };
}
