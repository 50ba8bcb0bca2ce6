import { isAfter, type Position } from './position.ts';
import { type Slice, slicesOf } from './render.ts';

const MOST_EVENTS = 1_000;
const MOST_CHARACTERS = 512 * 1024;

const endOf = ({ events }: Slice): Position | undefined => events.at(-1)?.position;

/** What was told last: for those who lost their connection and come back, and for those who have almost caught up. */
export function createMemory(from: Position) {
  let slices: readonly Slice[] = [];
  let events = 0;
  let characters = 0;
  let oldest = from;
  let head = from;
  const forget = () => {
    let gone = 0;
    for (const slice of slices) {
      if (events <= MOST_EVENTS && characters <= MOST_CHARACTERS) break;
      gone += 1;
      events -= slice.events.length;
      characters -= slice.characters;
      oldest = endOf(slice) ?? oldest;
    }
    if (gone > 0) slices = slices.slice(gone);
  };
  return {
    /** Everything up to it is told. */
    head: () => head,
    advance(position: Position) {
      head = position;
    },
    add(slice: Slice) {
      slices = [...slices, slice];
      events += slice.events.length;
      characters += slice.characters;
      head = endOf(slice) ?? head;
      forget();
    },
    /** All after a position, or undefined where it is not remembered that far back. */
    after(position: Position): readonly Slice[] | undefined {
      if (isAfter(oldest, position)) return undefined;
      const [first, ...rest] = slices.filter((slice) => isAfter(endOf(slice) ?? oldest, position));
      if (!first) return [];
      const left = first.events.filter((event) => isAfter(event.position, position));
      return left.length === first.events.length ? [first, ...rest] : [...slicesOf(left), ...rest];
    },
  };
}
