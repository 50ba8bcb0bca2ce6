import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from './log.ts';

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

/** One pipelined connection that is opened on first use and opened again after it was lost. */
export function createLane({ connectionString, statementTimeout, log }: LaneOptions): Lane {
  let client: pg.Client | undefined;
  let opening: Promise<void> | undefined;
  let closed = false;
  let inFlight = 0;

  async function attempt(): Promise<void> {
    const next = new pg.Client({
      connectionString,
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
    if (closed) await next.end();
    else client = next;
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
      inFlight += 1;
      try {
        return (await client.query({ name, text, values })).rows as Row[];
      } finally {
        inFlight -= 1;
      }
    },
    async close() {
      closed = true;
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}
