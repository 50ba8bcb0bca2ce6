import pLimit from 'p-limit';
import type { Deps } from '../deps.ts';
import { hangBell } from '../runner/bell.ts';
import { readStretch } from './log_queries.ts';
import { hasEnded } from './rules.ts';

/** What the trigger of the table tells: the id of a build whose log or state has changed. */
const BUILDS_CHANNEL = 'continuity_builds';

/** Milliseconds: nobody is woken more often, and everybody looks as often though nobody told. */
const SHORTEST = 100;
const LOOK = 5_000;

/** However many follow a log, the rest of the requests keep most of the database connections. */
const turns = pLimit(4);

/** A part of a log, as its bytes came: a character may be cut in two. */
export interface LogPart {
  /** Where it begins: its distance from the start of the log, in bytes. */
  readonly start: number;
  readonly bytes: Buffer;
  /** The build has ended and this is the end of its log. Such a part comes once, and may be empty. */
  readonly last: boolean;
}

/**
 * The log of a build from the offset `from` on, as it is written. Ends behind the part that is `last`, when the build is
 * deleted, when `signal` aborts, and when the server is about to stop; with `follow` false, behind what there is by now.
 * The next part is read when it is asked for, so that a slow reader holds nothing but one.
 */
export async function* followLog(
  deps: Pick<Deps, 'db' | 'notices'>,
  { organisationId }: { readonly organisationId: string },
  buildId: string,
  from: number,
  signal: AbortSignal,
  follow = true,
): AsyncGenerator<LogPart, void, undefined> {
  const { db, notices } = deps;
  let start = from;
  // Listened to before the first look, so that nothing falls between.
  const bell = hangBell(notices, BUILDS_CHANNEL, buildId, signal);
  try {
    let end: number | undefined;
    while (!signal.aborted && !notices.closed.aborted) {
      const looked = performance.now();
      const read = await turns(() => readStretch(db, organisationId, buildId, start));
      if (!read) return;
      const { bytes, size, state } = read;
      if (!follow) end ??= size;
      const whole = start + bytes.length >= size;
      const last = whole && hasEnded(state);
      if (bytes.length > 0 || last) yield { start, bytes, last };
      start += bytes.length;
      if (last || (end !== undefined && start >= end)) return;
      if (whole) await pause(bell, looked, signal);
    }
  } finally {
    bell.stop();
  }
}

async function pause(bell: ReturnType<typeof hangBell>, looked: number, signal: AbortSignal): Promise<void> {
  await bell.rung(LOOK);
  const left = looked + SHORTEST - performance.now();
  if (left > 0 && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, left));
}
