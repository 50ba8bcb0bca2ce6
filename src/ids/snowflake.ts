/** 2026-01-01T00:00:00Z; 41 bits of milliseconds last until 2095. */
export const EPOCH = 1_767_225_600_000;
/** How far, in milliseconds, ids may run ahead of the clock: after it went back, or in a burst. */
export const LONGEST_DRIFT = 5_000;
const SEQUENCES = 4_096;
const WORKERS = 1_024;

export interface SnowflakeOptions {
  /** 0–1023, ours alone for as long as the generator is used. */
  workerId: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** The first millisecond that may be used. */
  startAt?: number;
  /** Called when a millisecond's 4,096 ids are used up and the next one is borrowed. */
  onExhausted?(): void;
}

export interface Snowflake {
  /** The next id, larger than the last, as decimal digits. Throws ClockDrift. */
  next(): string;
}

/** The clock stands more than five seconds before the last id. */
export class ClockDrift extends Error {
  override name = 'ClockDrift';
  constructor(milliseconds: number) {
    super(`the clock is ${milliseconds} ms behind the last id`);
  }
}

/** Ids of 41 bits of milliseconds, 10 of worker and 12 of sequence: positive in a signed 64-bit integer. */
export function createSnowflake({ workerId, now, startAt = 0, onExhausted }: SnowflakeOptions): Snowflake {
  if (!Number.isInteger(workerId) || workerId < 0 || workerId >= WORKERS) throw new RangeError(`worker id ${workerId}`);
  let last = startAt - 1;
  let sequence = SEQUENCES - 1;
  return {
    next() {
      const time = Math.floor(now());
      let borrowed = false;
      let [millisecond, number] = [last, sequence + 1];
      if (time > last) [millisecond, number] = [time, 0];
      else if (number === SEQUENCES) {
        [millisecond, number] = [last + 1, 0];
        borrowed = true;
      }
      if (millisecond - time > LONGEST_DRIFT) throw new ClockDrift(millisecond - time);
      [last, sequence] = [millisecond, number];
      if (borrowed) onExhausted?.();
      // 51 bits fit into a double exactly; only the last step needs a bigint.
      return (BigInt((millisecond - EPOCH) * WORKERS + workerId) * 4096n + BigInt(number)).toString();
    },
  };
}
