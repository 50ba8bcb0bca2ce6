import { createHash } from 'node:crypto';
import type pg from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { fail } from '../errors/fail.ts';

/** Slows down whoever guesses. Counted in the database, so that every process counts together. */
export interface Throttle {
  /** Counts one try, and only then fails with `slow_down` when there were too many: of many at once no more pass. */
  take(key: string): Promise<void>;
  /** Gives one try back: it was no guess. */
  give(key: string): Promise<void>;
  /** Forgets every try. */
  clear(key: string): Promise<void>;
}

const MINUTE = 60;

/** Tries and the seconds after the first of them in which they are counted. */
const LIMITS = {
  /** Sign-ins for one account, from anywhere; a browser that the account signed in from before is not bound by it. */
  signInAccount: { points: 10, duration: 15 * MINUTE },
  /** Sign-ins for one account from one address, or from one browser that it signed in from before. */
  signInPair: { points: 5, duration: 15 * MINUTE },
  /** Sign-ins from one address, for any account: a whole office may share one. */
  signInAddress: { points: 100, duration: 15 * MINUTE },
  /** Password resets asked for one account. */
  reset: { points: 5, duration: 60 * MINUTE },
  /** Password resets asked from one address. */
  resetAddress: { points: 30, duration: 60 * MINUTE },
  /** Codes for the portal asked for one address of e-mail. */
  portalCode: { points: 5, duration: 60 * MINUTE },
  /** Codes for the portal asked from one address: a whole office may share one. */
  portalCodeAddress: { points: 30, duration: 60 * MINUTE },
  /** Wrong codes for the portal from one address. */
  portalGuessAddress: { points: 100, duration: 15 * MINUTE },
  /** Requests of one client to the token endpoint; those that succeed are given back. */
  tokenEndpoint: { points: 100, duration: 5 * MINUTE },
} as const;

export type Throttles = Readonly<Record<keyof typeof LIMITS, Throttle>>;

export function createThrottles(pool: pg.Pool): Throttles {
  const one = (name: keyof typeof LIMITS) => createThrottle(pool, name, LIMITS[name]);
  return {
    signInAccount: one('signInAccount'),
    signInPair: one('signInPair'),
    signInAddress: one('signInAddress'),
    reset: one('reset'),
    resetAddress: one('resetAddress'),
    portalCode: one('portalCode'),
    portalCodeAddress: one('portalCodeAddress'),
    portalGuessAddress: one('portalGuessAddress'),
    tokenEndpoint: one('tokenEndpoint'),
  };
}

function createThrottle(pool: pg.Pool, name: string, limit: { points: number; duration: number }): Throttle {
  const limiter = new RateLimiterPostgres({
    storeClient: pool,
    storeType: 'pool',
    tableName: 'throttles',
    tableCreated: true,
    // The sweeper removes expired rows; a library must not keep a timer of its own.
    clearExpiredByTimeout: false,
    keyPrefix: name,
    ...limit,
  });
  return {
    async take(key) {
      await limiter.consume(hashed(key)).catch((refused: unknown) => {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        throw fail('slow_down', { headers: { 'Retry-After': String(seconds) } });
      });
    },
    async give(key) {
      await limiter.reward(hashed(key));
    },
    async clear(key) {
      await limiter.delete(hashed(key));
    },
  };
}

/** E-mail and network addresses are kept for no longer than needed, and not in the clear. */
function hashed(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}
