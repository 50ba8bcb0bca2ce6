import type { Writable } from 'node:stream';

/** A client that takes nothing for so long (milliseconds) keeps its connection from the others. */
const LONGEST_STALL = 60_000;

/** Resolves when the sink takes more, or is closed. Rejects when it does neither for a minute. */
export function untilRoom(sink: Writable, longest = LONGEST_STALL): Promise<void> {
  if (sink.destroyed) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (conclude: () => void) => () => {
      clearTimeout(timer);
      sink.off('drain', done).off('close', done);
      conclude();
    };
    const done = settle(resolve);
    const timer = setTimeout(
      settle(() => reject(new Error('the client has stalled'))),
      longest,
    );
    sink.once('drain', done).once('close', done);
  });
}
