import type { Writable } from 'node:stream';
import pLimit from 'p-limit';
import type { Pour } from '../http/handler.ts';
import type { Page } from '../http/pagination.ts';
import type { JsonRows } from './queries.ts';

/** Rows that are read at once: about 250 KB of JSON. An answer holds two such stretches at most. */
const ROWS = 1_000;

/** However many ask for everything, the rest of the requests keep most of the database connections. */
const turns = pLimit(4);

/**
 * A JSON array, written as its rows are read. A connection of the pool is taken for a stretch of rows at a time and never
 * while the reader is waited for, so that one who is slow, or never reads, holds up nobody. Ends soon after a reader has
 * gone; rejects on a database error, with nothing written where that was the first thing to happen.
 */
export function pourArray(read: (page: Page) => Promise<JsonRows | undefined>): Pour {
  return async (sink) => {
    const readAfter = (before: string | undefined) =>
      // The reader may have gone while the turn was waited for.
      turns(async () => (sink.destroyed ? undefined : read({ limit: ROWS, before })));
    let rows = await readAfter(undefined);
    let between = '[';
    while (rows && !sink.destroyed) {
      const ahead = rows.last === undefined ? undefined : readAfter(rows.last);
      // A failure is met when it is awaited; until then it must not end the process.
      ahead?.catch(() => {});
      sink.write(between);
      if (!sink.write(rows.text)) await drained(sink);
      between = ',\n';
      rows = await ahead;
    }
    if (!sink.destroyed) sink.write(between === '[' ? '[]' : ']');
  };
}

/** Resolves when the sink takes more, or never will. */
function drained(sink: Writable): Promise<void> {
  if (sink.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done).off('close', done);
      resolve();
    };
    sink.on('drain', done).on('close', done);
  });
}
