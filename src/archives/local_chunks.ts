import type { ArchiveIndex, Piece } from './layout.ts';
import { groupRuns, type Run } from './runs.ts';
import type { SliceReader } from './slice_reader.ts';

/** 512 KiB is where copying into a socket peaks; a smaller chunk pays for more trips to the thread pool. */
const LIMITS = { maxSpan: 512 * 1024, maxMadeBytes: 128 * 1024, maxGap: 64 * 1024 };
/** Holds the longest read together with the longest made bytes (one batch may exceed its limit by a name). */
export const CHUNK_CAPACITY = LIMITS.maxSpan + LIMITS.maxMadeBytes + 128 * 1024;

/** Hands out an archive's bytes [start, end) chunk by chunk. */
export interface ChunkSource {
  /**
   * The next bytes, in `into` (at least CHUNK_CAPACITY) or in a buffer of their own; undefined after the last. May be
   * called again before the last call settled.
   */
  next(into: Buffer): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

export function createLocalSource(index: ArchiveIndex, reader: SliceReader, start: number, end: number): ChunkSource {
  const runs = groupRuns(index.plan(start, end), LIMITS);
  async function next(into: Buffer): Promise<Buffer | undefined> {
    const step = runs.next();
    return step.done ? undefined : fillRun(reader, step.value, into);
  }
  return { next, close: reader.close };
}

/**
 * Reads to the end of the buffer, then moves the slices forward to where they belong. No unread byte is overwritten:
 * what precedes a slice in the output is never longer than all made bytes plus what precedes it in the read.
 */
async function fillRun(reader: SliceReader, run: Run, into: Buffer): Promise<Buffer> {
  const span = run.end - run.start;
  if (run.madeBytes + span > into.length) throw new RangeError('buffer too small for a run');
  if (run.pack !== undefined) {
    await reader.readInto(run.pack, run.start, into.subarray(run.madeBytes, run.madeBytes + span));
  }
  let at = 0;
  for (const part of run.parts) at += place(part, into, at, run.madeBytes - run.start);
  return into.subarray(0, at);
}

function place(part: Piece, into: Buffer, at: number, shift: number): number {
  if (part.kind === 'bytes') {
    into.set(part.bytes, at);
    return part.bytes.length;
  }
  const from = part.start + shift;
  if (from !== at) into.copyWithin(at, from, part.end + shift);
  return part.end - part.start;
}
