import { fetchSpan, type Transfer } from './fetch_span.ts';
import type { Segment } from './manifest.ts';
import type { Plan, Span } from './plan.ts';

/** What was fetched last stays at hand, since neighbouring files share packs; bytes. */
const KEPT_BYTES = 64 * 1024 * 1024;

export interface Spans {
  /** The segment's bytes; valid until the next call. */
  read(segment: Segment): Promise<Uint8Array<ArrayBuffer>>;
  /** Lets go of what the segment came from, to have it fetched anew. */
  forget(segment: Segment): void;
}

export function createSpans(transfer: Transfer, plan: Plan): Spans {
  const kept = new Map<Span, Uint8Array<ArrayBuffer>>();
  let keptBytes = 0;

  function drop(span: Span): number {
    const bytes = kept.get(span)?.length ?? 0;
    keptBytes -= bytes;
    kept.delete(span);
    return bytes;
  }

  async function load(span: Span): Promise<Uint8Array<ArrayBuffer>> {
    const known = kept.get(span);
    if (known) return known;
    const bytes = await fetchSpan(transfer, span);
    for (const oldest of kept.keys()) if (keptBytes + bytes.length > KEPT_BYTES) drop(oldest);
    kept.set(span, bytes);
    keptBytes += bytes.length;
    return bytes;
  }

  return {
    async read(segment) {
      const span = plan.spanOf(segment);
      const at = segment.offset - span.start;
      return (await load(span)).subarray(at, at + segment.length);
    },
    forget(segment) {
      transfer.onBytes(-drop(plan.spanOf(segment)));
    },
  };
}
