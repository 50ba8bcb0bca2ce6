import { fail } from '../errors/fail.ts';

/** Bytes of a log, with what it says of itself. */
export const MAX_LOG = 10 * 1024 * 1024;

const FULL = Buffer.from('\n[continuity] The log is full: it holds 10 MiB. What came later is not kept.\n');
const LOST = Buffer.from('\n[continuity] The runner was lost. The build runs again from its beginning.\n');

export interface Log {
  readonly size: number;
  readonly truncated: boolean;
}

/** What to write at the end of the log, and what the log is then. */
export interface Appended extends Log {
  readonly bytes: Buffer;
}

/**
 * Puts bytes at `offset`. Those that are there already are left out, so that a repetition is harmless; a gap is a
 * `conflict`. A full log ends with a line that says so and takes nothing more.
 */
export function append({ size, truncated }: Log, offset: number, bytes: Buffer): Appended {
  if (truncated) return { size, truncated, bytes: Buffer.alloc(0) };
  if (offset > size) throw fail('conflict', { field: 'offset' });
  const fresh = bytes.subarray(size - offset);
  const room = MAX_LOG - FULL.length - size;
  if (fresh.length <= room) return { size: size + fresh.length, truncated: false, bytes: fresh };
  const last = Buffer.concat([fresh.subarray(0, Math.max(room, 0)), FULL]);
  return { size: size + last.length, truncated: true, bytes: last };
}

/** What the log of a lost runner goes on with. */
export function appendLoss(log: Log): Appended {
  return log.size === 0 ? { ...log, bytes: Buffer.alloc(0) } : append(log, log.size, LOST);
}
