import type { Writable } from 'node:stream';
import type { Deps } from '../deps.ts';
import type { Pour } from '../http/handler.ts';
import type { Grant, SessionRow } from './queries.ts';
import { recordDelivery } from './queries.ts';

/** Delivered bytes are written down at least this often, so that a killed process forgets little. */
const RECORD_EVERY = 64 * 1024 * 1024;

type Source = (sink: Writable, onBytes: (count: number) => void) => Promise<unknown>;

/**
 * Pours `source`, which delivers bytes from `start` on, and writes down what was delivered: on the way, at the end,
 * and when the client goes away.
 */
export function counted({ hot, log }: Deps, grant: Grant, session: SessionRow, start: number, source: Source): Pour {
  return async (sink) => {
    let recorded = start;
    let delivered = start;
    let writing: Promise<void> = Promise.resolve();
    const record = () => {
      const [from, to] = [recorded, delivered];
      if (to === from) return;
      recorded = to;
      writing = writing
        .then(() => recordDelivery(hot, grant.id, session.id, from, to))
        .catch((error: unknown) =>
          log.error({ err: error, sessionId: session.id }, 'delivered bytes were not recorded'),
        );
    };
    try {
      await source(sink, (count) => {
        delivered += count;
        if (delivered - recorded >= RECORD_EVERY) record();
      });
    } finally {
      record();
      await writing;
    }
  };
}
