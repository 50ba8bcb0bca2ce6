import { createLane, type Lane } from './hot_lane.ts';
import type { Log } from './log.ts';
import { toParameters } from './parameters.ts';
import { isStale } from './statement_names.ts';

/** Milliseconds that a query waits for a connection to come back. */
const LONGEST_WAIT = 2_000;

export interface Statement {
  /** Unique in the program: the text is prepared under it. */
  name: string;
  text: string;
}

/**
 * Runs one statement in a transaction of its own and answers its rows. For statements that take a millisecond:
 * whatever is sent behind it on the same connection waits for it. Rejects with the database's error, or one that
 * `codeOf` calls unavailable when the connection is lost or does not come back within about two seconds.
 */
type Run = <Row>(statement: Statement, values: readonly unknown[]) => Promise<Row[]>;

export interface Hot {
  /** For statements that only read. */
  query: Run;
  /**
   * For statements that change something. Each waits for the disk before the next one on its connection starts, while
   * commits of several connections share one wait: measured, 16 connections write four times as much as two, or more.
   */
  write: Run;
  close(): Promise<void>;
}

export interface HotOptions {
  connectionString: string;
  /** Most connections for reading (default 2) and for writing (default 16). */
  readers?: number;
  writers?: number;
  /** Milliseconds. */
  statementTimeout: number;
  log: Log;
}

/** Statements of many requests share a few connections, each sent without waiting for the answer to the last. */
export function createHot({ connectionString, readers = 2, writers = 16, statementTimeout, log }: HotOptions): Hot {
  const lanesOf = (length: number) =>
    Array.from({ length }, () => createLane({ connectionString, statementTimeout, log }));
  const [reading, writing] = [lanesOf(readers), lanesOf(writers)];
  const renewed = new Map<string, string>();

  const runOn = (lanes: readonly Lane[]): Run =>
    async function run<Row>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
      const parameters = toParameters(values);
      const send = async (name: string) => {
        const lane = leastLoaded(lanes) ?? (await firstOf(lanes));
        return lane.send<Row>(name, statement.text, parameters);
      };
      const name = renewed.get(statement.name) ?? statement.name;
      try {
        return await send(name);
      } catch (error) {
        if (!isStale(error)) throw error;
        // Many fail at once; the first of them chooses the new name.
        const known = renewed.get(statement.name) ?? statement.name;
        if (known === name) renewed.set(statement.name, `${name}'`);
        return send(renewed.get(statement.name) ?? name);
      }
    };

  return {
    query: runOn(reading),
    write: runOn(writing),
    close: async () => void (await Promise.all([...reading, ...writing].map((lane) => lane.close()))),
  };
}

/** Another connection is opened only when all that are open are busy. */
function leastLoaded(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined;
  let unopened: Lane | undefined;
  for (const lane of lanes) {
    if (!lane.isOpen()) unopened ??= lane;
    else if (best === undefined || lane.inFlight() < best.inFlight()) best = lane;
  }
  if (best !== undefined && best.inFlight() > 0) unopened?.open().catch(() => undefined);
  return best;
}

/** The first connection, when none is open: those that were lost open again on their own. */
async function firstOf([lane]: readonly Lane[]): Promise<Lane> {
  if (lane === undefined) throw new RangeError('no connections');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(noConnection()), LONGEST_WAIT);
  });
  try {
    await Promise.race([late, lane.open()]);
    return lane;
  } finally {
    clearTimeout(timer);
  }
}

/** 08001: sqlclient_unable_to_establish_sqlconnection */
function noConnection(): Error {
  return Object.assign(new Error('no connection to the database'), {
    code: '08001',
  });
}
