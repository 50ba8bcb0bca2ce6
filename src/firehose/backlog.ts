import { setTimeout as pause } from 'node:timers/promises';
import type { Hot } from '../db/hot.ts';
import type { Outlet } from './outlet.ts';
import { type Moment, readEvents } from './queries.ts';
import { slicesOf, type StreamType, tell } from './render.ts';

/** Milliseconds that an event which has committed is waited for where an older transaction holds it back. */
const PATIENCE = 5_000;
const AGAIN = 50;

interface Backlog {
  readonly organisationId: string;
  /** When it was asked for, and the event after which it begins; the first one where there is none. */
  readonly moment: Moment;
  readonly type: StreamType;
}

/** Tells what had happened when it was asked for, at the pace of the reader, and no more. */
export async function tellBacklog(hot: Hot, { organisationId, moment, type }: Backlog, outlet: Outlet) {
  const asked = performance.now();
  // Transactions from this one on had not begun.
  const until = moment.snapshot.xmax;
  let position = moment.event ?? { tx: 0n, id: 0n };
  while (!outlet.over.aborted) {
    const page = await readEvents(hot, organisationId, position, until);
    for (const slice of slicesOf(page.rows.map(tell))) await outlet.pour(slice.bytes(type));
    position = page.position;
    if (page.more) continue;
    if (!page.held || performance.now() - asked > PATIENCE) return;
    await pause(AGAIN);
  }
}
