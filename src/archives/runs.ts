import type { Piece } from './layout.ts';

/**
 * One read of a pack, [start, end), with what it yields: slices of that read, in order, and made bytes between them.
 * `pack` is undefined where there are made bytes only.
 */
export interface Run {
  pack: string | undefined;
  start: number;
  end: number;
  parts: Piece[];
  madeBytes: number;
  /** Bytes of the read that are used; the rest are gaps between slices. */
  usedBytes: number;
}

export interface RunLimits {
  maxSpan: number;
  maxMadeBytes: number;
  /** Reading on through a gap beats a new read up to about this many bytes. */
  maxGap: number;
}

/** Groups pieces so that thousands of small files cost few reads, while at most half of a long read is wasted. */
export function* groupRuns(pieces: Iterable<Piece>, limits: RunLimits): Generator<Run> {
  let run = emptyRun();
  for (const piece of pieces) {
    if (piece.kind === 'bytes') {
      if (run.madeBytes > 0 && run.madeBytes + piece.bytes.length > limits.maxMadeBytes) {
        yield run;
        run = emptyRun();
      }
      run.parts.push(piece);
      run.madeBytes += piece.bytes.length;
      continue;
    }
    for (let start = piece.start; start < piece.end;) {
      if (!fits(run, piece.pack, start, limits)) {
        yield run;
        run = emptyRun();
      }
      if (run.pack === undefined) Object.assign(run, { pack: piece.pack, start, end: start });
      const end = Math.min(piece.end, run.start + limits.maxSpan);
      run.parts.push({ kind: 'pack', pack: piece.pack, start, end });
      run.usedBytes += end - start;
      run.end = end;
      start = end;
    }
  }
  if (run.parts.length > 0) yield run;
}

function emptyRun(): Run {
  return { pack: undefined, start: 0, end: 0, parts: [], madeBytes: 0, usedBytes: 0 };
}

function fits(run: Run, pack: string, start: number, limits: RunLimits): boolean {
  if (run.pack === undefined) return true;
  if (run.pack !== pack || start < run.end || start >= run.start + limits.maxSpan) return false;
  const gaps = start - run.start - run.usedBytes;
  return gaps <= Math.max(limits.maxGap, run.usedBytes);
}
