import type { Writable } from 'node:stream';
import type { Deps } from '../deps.ts';
import type { Pour } from '../http/handler.ts';
import type { Grant, SessionRow } from './queries.ts';
import { recordDelivery } from './queries.ts';

/** Delivered bytes are written down at least this often, so that a killed process forgets little. */
const RECORD_EVERY = 64 * 1024 * 1024;

/** Deliveries of this process that are not written down to their end yet, per database. */
const underWay = new WeakMap<Deps['hot'], Set<Promise<void>>>();

/** Resolves when every delivery under way has ended and is written down; for a server that takes no request any more. */
export async function settled({ hot }: Pick<Deps, 'hot'>): Promise<void> {
  await Promise.allSettled(underWay.get(hot) ?? []);
}

function track(hot: Deps['hot'], delivery: Promise<void>): Promise<void> {
  const known = underWay.get(hot) ?? new Set();
  underWay.set(hot, known.add(delivery));
  const forget = () => known.delete(delivery);
  delivery.then(forget, forget);
  return delivery;
}

type Source = (sink: Writable, onBytes: (count: number) => void) => Promise<unknown>;

/**
 * Pours `source`, which delivers bytes from `start` on, and writes down what was delivered: on the way, at the end,
 * and when the client goes away.
 */
export function counted(
  { hot, log }: Pick<Deps, 'hot' | 'log'>,
  grant: Grant,
  session: SessionRow,
  start: number,
  source: Source,
): Pour {
  async function deliver(sink: Writable): Promise<void> {
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
  }
  return (sink) => track(hot, deliver(sink));
}
