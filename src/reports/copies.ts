import type { Writable } from 'node:stream';
import type pg from 'pg';
import type { Log } from '../db/log.ts';
import { createPool } from '../db/pool.ts';
import { fail } from '../errors/fail.ts';
import { CopyRows } from './copy_rows.ts';
import { untilRoom } from './room.ts';

/** A query whose rows leave as CSV, and the settings of the transaction that it reads its parameters from. */
export interface Copy {
  readonly settings: Readonly<Record<string, string>>;
  /** Fixed text: nothing that came from outside is ever a part of it. */
  readonly query: string;
}

export interface Copies {
  /**
   * Writes the header and the rows to the sink, with lines that end with CRLF, at the sink's pace. Ends quietly when
   * the sink is closed, and the query with it. Rejects with `unavailable` when too many wait already, and with the
   * database's error, also between two rows.
   */
  pour(copy: Copy, sink: Writable): Promise<void>;
  /** Resolves when every connection has ended. */
  close(): Promise<void>;
}

export interface CopiesOptions {
  connectionString: string;
  log: Log;
  /** The ordinary connections: whoever runs a query on one connection can break it off only from another. */
  others: Pick<pg.Pool, 'query'>;
}

/** Reports are long and never urgent: few at a time, on connections of their own, so that they keep nobody else waiting. */
const CONNECTIONS = 2;
const MOST_WAITING = 8;
const RETRY_AFTER = '10';

/** Opens no connection until the first report, and closes them again a minute after the last. */
export function createCopies({ connectionString, log, others }: CopiesOptions): Copies {
  const pool = createPool({ connectionString, max: CONNECTIONS, statementTimeout: 0, log });

  async function cancel(pid: number): Promise<void> {
    await others
      .query('select pg_cancel_backend($1)', [pid])
      .catch((err: unknown) => log.warn({ err }, 'a report was not cancelled'));
  }

  return {
    async pour(copy, sink) {
      if (pool.waitingCount >= MOST_WAITING) throw fail('unavailable', { headers: { 'Retry-After': RETRY_AFTER } });
      const client = await pool.connect();
      let idle = false;
      let pid: number | undefined;
      try {
        pid = await begin(client, copy);
        if (!sink.destroyed) await run(client, copy, sink);
        idle = !sink.destroyed;
        if (idle) await client.query('commit');
      } finally {
        // A connection that is not done with its query would hand the rest of it to the next one.
        client.release(!idle);
        if (!idle && pid !== undefined) await cancel(pid);
      }
    },
    close: () => pool.end(),
  };
}

/** Begins the transaction; answers the number of the server process that runs it. */
async function begin(client: pg.PoolClient, { settings }: Copy): Promise<number> {
  await client.query('begin read only');
  const { rows } = await client.query<{ pid: number }>(
    'select pg_backend_pid() as pid, set_config(name, value, true) from unnest($1::text[], $2::text[]) as s (name, value)',
    [Object.keys(settings), Object.values(settings)],
  );
  return rows[0]?.pid ?? 0;
}

async function run(client: pg.PoolClient, { query }: Copy, sink: Writable): Promise<void> {
  const rows = client.query(new CopyRows(`copy (${query}) to stdout (format csv, header)`));
  const hangUp = () => rows.destroy();
  sink.once('close', hangUp);
  // A connection that is closed in the middle says so to its query even when nobody reads that any more.
  rows.on('error', () => undefined);
  try {
    for await (const chunk of rows) if (!sink.write(chunk)) await untilRoom(sink);
  } catch (error) {
    if (!sink.destroyed) throw error;
  } finally {
    sink.off('close', hangUp);
  }
}
