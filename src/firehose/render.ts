import { presentEvent } from '../events/present.ts';
import { serialise } from '../http/serialise.ts';
import { type Position, type Start, wants } from './position.ts';
import type { PlacedRow } from './queries.ts';

export type StreamType = 'application/x-ndjson' | 'text/event-stream';

/** An event, ready to be told in either form. */
export interface Told {
  readonly position: Position;
  readonly json: string;
}

export function tell(row: PlacedRow): Told {
  return { position: row.position, json: serialise(presentEvent(row)) };
}

const FORMS: Readonly<Record<StreamType, (told: Told) => string>> = {
  'application/x-ndjson': ({ json }) => `${json}\n`,
  'text/event-stream': ({ position, json }) => `id: ${position.id}\ndata: ${json}\n\n`,
};

/** What shows that the connection is alive, and means nothing. */
export const KEEP_ALIVE: Readonly<Record<StreamType, Buffer>> = {
  'application/x-ndjson': Buffer.from('\n'),
  'text/event-stream': Buffer.from(':\n\n'),
};

/** Events that are written at once: the same bytes to all who want all of them. */
export interface Slice {
  readonly events: readonly Told[];
  /** Of JSON. */
  readonly characters: number;
  bytes(type: StreamType): Buffer;
}

/** Characters of JSON in a slice, but for one event that has more. */
const SLICE = 64 * 1024;

export function* slicesOf(events: readonly Told[]): Generator<Slice> {
  let from = 0;
  let size = 0;
  for (const [index, { json }] of events.entries()) {
    if (index > from && size + json.length > SLICE) {
      yield slice(events.slice(from, index), size);
      [from, size] = [index, 0];
    }
    size += json.length;
  }
  if (from < events.length) yield slice(from === 0 ? events : events.slice(from), size);
}

/** What somebody wants of it: itself where that is all. */
export function wantedOf(slice: Slice, start: Start): Iterable<Slice> {
  const wanted = slice.events.filter(({ position }) => wants(start, position));
  return wanted.length === slice.events.length ? [slice] : slicesOf(wanted);
}

function slice(events: readonly Told[], characters: number): Slice {
  const rendered = new Map<StreamType, Buffer>();
  const bytes = (type: StreamType) => {
    const known = rendered.get(type) ?? Buffer.from(events.map(FORMS[type]).join(''));
    rendered.set(type, known);
    return known;
  };
  return { events, characters, bytes };
}
