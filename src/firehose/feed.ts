import { setImmediate as breathe } from 'node:timers/promises';
import type { Log } from '../db/log.ts';
import type { Outlet } from './outlet.ts';
import { createMemory } from './memory.ts';
import { type Position, type Start, wantsAllAfter } from './position.ts';
import type { Page } from './queries.ts';
import { type Slice, slicesOf, type StreamType, tell, wantedOf } from './render.ts';

/** Milliseconds: the feed reads no more often, and waits no longer for what is held. */
const SHORTEST = 20;
const LONGEST = 1_000;
/** A crowd is told more at a time, less often, so that telling leaves time for others. */
const REST = 2;
const LONGEST_REST = 100;

/** One who has been told everything up to now. */
export interface Listener {
  start: Start;
  readonly type: StreamType;
  readonly outlet: Outlet;
}

/** The events of one organisation as they come: read once, and told to all of this process who follow them. */
export interface Feed {
  /** Everything up to it is told. */
  head(): Position;
  /** What was told after a position, as far back as it is remembered; undefined: read it yourself. */
  told(after: Position): readonly Slice[] | undefined;
  /** Tells what comes. The listener knows all that was told before. */
  add(listener: Listener): void;
  remove(listener: Listener): void;
  /** Something may have happened. */
  wake(): void;
  close(): void;
}

export function createFeed(read: (after: Position) => Promise<Page>, from: Position, log: Log): Feed {
  const listeners = new Set<Listener>();
  const memory = createMemory(from);
  let woken = false;
  let running = false;
  let closed = false;
  let heldFor = 0;

  /** All of a slice is remembered and told in one step, so that one who comes between slices misses none. */
  function tellAll(slice: Slice): void {
    const before = memory.head();
    memory.add(slice);
    for (const listener of listeners) tellOne(listener, slice, before);
  }

  async function look(): Promise<void> {
    const page = await read(memory.head());
    for (const slice of slicesOf(page.rows.map(tell))) {
      tellAll(slice);
      // So that what was written can go out before the next is measured.
      await breathe();
    }
    memory.advance(page.position);
    heldFor = page.held && page.rows.length === 0 ? Math.min(heldFor * 2 + SHORTEST, LONGEST) : 0;
    if (page.more) woken = true;
    else if (page.held) setTimeout(wake, heldFor).unref();
  }

  async function run(): Promise<void> {
    running = true;
    while (woken && !closed) {
      woken = false;
      const began = performance.now();
      const pause = await look().then(
        () => Math.min(Math.max(SHORTEST, (performance.now() - began) * REST), LONGEST_REST),
        (err: unknown) => {
          log.warn({ err }, 'events could not be read');
          woken = true;
          return LONGEST;
        },
      );
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    running = false;
  }

  function wake(): void {
    woken = true;
    if (!running && !closed) void run();
  }

  return {
    head: memory.head,
    told: memory.after,
    add: (listener) => void listeners.add(listener),
    remove: (listener) => void listeners.delete(listener),
    wake,
    close() {
      closed = true;
    },
  };
}

function tellOne(listener: Listener, slice: Slice, before: Position): void {
  const { start, type, outlet } = listener;
  if (wantsAllAfter(start, before)) outlet.push(slice.bytes(type));
  else for (const part of wantedOf(slice, start)) outlet.push(part.bytes(type));
}
