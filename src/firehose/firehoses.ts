import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Hot } from '../db/hot.ts';
import type { Notices } from '../db/listen.ts';
import type { Log } from '../db/log.ts';
import { createFeed, type Feed, type Listener } from './feed.ts';
import type { Outlet } from './outlet.ts';
import { isAfter, type Position, type Start } from './position.ts';
import { findNews, type Moment, readEvents } from './queries.ts';
import { slicesOf, type StreamType, tell, wantedOf } from './render.ts';

/** However many catch up at once, other requests are answered between. */
const turns = pLimit(8);

/** Milliseconds that a feed outlives its followers: those who all lost their connection come back to what it remembers. */
const LINGER = 60_000;
/** Milliseconds between two looks for what is new, one look for all feeds; and after one that failed. */
const LOOK = 100;
const AGAIN = 1_000;

interface Entry {
  readonly feed: Feed;
  followers: number;
  closing: NodeJS.Timeout | undefined;
}

export interface Following {
  readonly organisationId: string;
  /** When it was asked for, and the event that was told last; what comes next is told where there is none. */
  readonly moment: Moment;
  readonly type: StreamType;
}

/** Whoever follows events in this process. */
export interface Firehoses {
  /** Milliseconds between two signs of life of a stream, at each of which the caller is judged again. */
  readonly keepAlive: number;
  /** Tells what comes until the outlet is over. */
  follow(following: Following, outlet: Outlet): Promise<void>;
}

interface Options {
  readonly hot: Hot;
  readonly notices: Notices;
  readonly log: Log;
  /** Milliseconds (default 15,000). */
  readonly keepAlive?: number;
}

export function createFirehoses({ hot, notices, log, keepAlive = 15_000 }: Options): Firehoses {
  const feeds = new Map<string, Entry>();
  let looking = false;
  const clock = setInterval(() => void look(), LOOK).unref();
  notices.closed.addEventListener('abort', () => {
    clearInterval(clock);
    for (const organisationId of feeds.keys()) close(organisationId);
  });

  async function look(): Promise<void> {
    if (looking || feeds.size === 0) return;
    looking = true;
    try {
      for (const id of await findNews(
        hot,
        [...feeds].map(([id, { feed }]) => ({ id, after: feed.head() })),
      ))
        feeds.get(id)?.feed.wake();
    } catch (err) {
      log.warn({ err }, 'nobody knows whether there are events');
      await pause(AGAIN, undefined, { ref: false });
    }
    looking = false;
  }

  function enter(organisationId: string, now: Position): Feed {
    const read = (after: Position) => readEvents(hot, organisationId, after);
    const entry = feeds.get(organisationId) ?? { feed: createFeed(read, now, log), followers: 0, closing: undefined };
    clearTimeout(entry.closing);
    entry.followers += 1;
    feeds.set(organisationId, entry);
    entry.feed.wake();
    return entry.feed;
  }

  function leave(organisationId: string): void {
    const entry = feeds.get(organisationId);
    if (!entry || --entry.followers > 0) return;
    entry.closing = setTimeout(() => close(organisationId), LINGER).unref();
  }

  function close(organisationId: string): void {
    const entry = feeds.get(organisationId);
    clearTimeout(entry?.closing);
    entry?.feed.close();
    feeds.delete(organisationId);
  }

  /** Tells what the listener has missed, at the pace of its reader, until there is nothing that it does not know. */
  async function catchUp(feed: Feed, organisationId: string, listener: Listener): Promise<void> {
    const { outlet, type } = listener;
    while (!outlet.over.aborted) {
      const { position, now } = listener.start;
      const told = feed.told(position);
      if (told?.length === 0) return feed.add(listener);
      const { slices, upTo } = told ? { slices: told, upTo: position } : await readMissed(organisationId, position);
      for (const slice of slices) {
        for (const part of wantedOf(slice, listener.start)) await outlet.pour(part.bytes(type));
        listener.start = { position: slice.events.at(-1)?.position ?? position, now };
      }
      if (isAfter(upTo, listener.start.position)) listener.start = { position: upTo, now };
    }
  }

  async function readMissed(organisationId: string, after: Position) {
    const { rows, position } = await turns(() => readEvents(hot, organisationId, after));
    return { slices: [...slicesOf(rows.map(tell))], upTo: position };
  }

  return {
    keepAlive,
    async follow({ organisationId, moment: { snapshot, event }, type }, outlet) {
      const now = { tx: snapshot.xmin, id: 0n };
      const start: Start = event ? { position: event, now: undefined } : { position: now, now: snapshot };
      const feed = enter(organisationId, now);
      const listener: Listener = { start, type, outlet };
      try {
        await catchUp(feed, organisationId, listener);
        await ended(outlet.over);
      } finally {
        feed.remove(listener);
        leave(organisationId);
      }
    },
  };
}

function ended(over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve();
  return new Promise((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
}
