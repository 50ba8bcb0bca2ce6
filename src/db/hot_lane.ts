import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.ts';

/** Milliseconds beyond the statement timeout after which an answer will not come any more. */
const GRACE = 2_000;
const CHECK_EVERY = 500;

export interface Lane {
  isOpen(): boolean;
  inFlight(): number;
  /** Resolves as soon as the lane has a connection, however long that takes; rejects when the lane is closed. */
  open(): Promise<void>;
  send<Row>(name: string, text: string, values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface LaneOptions {
  connectionString: string;
  statementTimeout: number;
  log: Log;
}

/**
 * One pipelined connection that is opened on first use and opened again after it was lost. The server ends a statement
 * after its timeout; where nothing at all is answered for longer, the host is gone and the connection is cut.
 */
export function createLane({ connectionString, statementTimeout, log }: LaneOptions): Lane {
  let client: pg.Client | undefined;
  let cut = (_reason?: Error): void => {};
  // When the oldest statement in flight came to be the oldest: answers come in the order of the statements.
  let oldestSince = 0;
  let opening: Promise<void> | undefined;
  let closed = false;
  let inFlight = 0;

  async function attempt(): Promise<void> {
    const socket = new Socket();
    const next = new pg.Client({
      connectionString,
      stream: () => socket,
      pipeline: true,
      statement_timeout: statementTimeout,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'continuity (hot)',
    });
    const lost = (error?: Error) => {
      if (client !== next) return;
      client = undefined;
      if (closed) return;
      log.warn({ err: error }, 'database connection lost');
      open().catch(() => undefined);
    };
    next.on('error', lost);
    next.on('end', () => lost());
    try {
      await next.connect();
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    if (closed) {
      await next.end();
      return;
    }
    client = next;
    cut = (reason) => socket.destroy(reason);
    const watch = setInterval(() => {
      if (socket.destroyed) return clearInterval(watch);
      const waited = inFlight > 0 ? performance.now() - oldestSince : 0;
      if (waited > statementTimeout + GRACE) socket.destroy(unanswered());
    }, CHECK_EVERY).unref();
  }

  async function reopen(): Promise<void> {
    for (let wait = 25; !closed; wait = Math.min(wait * 2, 1_000)) {
      try {
        await attempt();
        return;
      } catch (error) {
        log.warn({ err: error }, 'database cannot be reached');
      }
      await pause(wait, undefined, { ref: false });
    }
  }

  function open(): Promise<void> {
    if (client !== undefined) return Promise.resolve();
    opening ??= reopen()
      .finally(() => {
        opening = undefined;
      })
      .then(() => {
        if (closed) throw new Error('Connection terminated: closed by this program');
      });
    return opening;
  }

  return {
    isOpen: () => client !== undefined,
    inFlight: () => inFlight,
    open,
    async send<Row>(name: string, text: string, values: unknown[]) {
      if (client === undefined) throw new Error('Connection terminated before the statement was sent');
      if (inFlight === 0) oldestSince = performance.now();
      inFlight += 1;
      try {
        return (await client.query({ name, text, values })).rows as Row[];
      } finally {
        inFlight -= 1;
        oldestSince = performance.now();
      }
    },
    async close() {
      closed = true;
      const last = client;
      client = undefined;
      // A host that is gone does not say good-bye either.
      const late = setTimeout(cut, statementTimeout + GRACE);
      try {
        await last?.end();
      } finally {
        clearTimeout(late);
      }
    },
  };
}

/** 08006: connection_failure */
function unanswered(): Error {
  return Object.assign(new Error('the database does not answer'), { code: '08006' });
}
