import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { DB } from '../../generated/database.ts';
import { createHot, type Hot } from './hot.ts';
import type { Log } from './log.ts';
import { createPool } from './pool.ts';

export interface Database {
  /** Queries and transactions. */
  db: Kysely<DB>;
  /** The connections under `db`, for COPY, LISTEN and the job queue. */
  pool: pg.Pool;
  /** Single short statements of the busiest requests. */
  hot: Hot;
  /** Resolves when every connection has ended. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  connectionString: string;
  /** Most pooled connections at once; `hot` has up to 18 more, opened as they are needed. */
  max: number;
  log: Log;
  /** Milliseconds that one statement may take (default 30,000); 0: no limit, for migrations. */
  statementTimeout?: number;
}

/** Nothing is opened until the first query. int8 comes as string, timestamptz as Date, bytea as Buffer, ranges as text. */
export function connect({ connectionString, max, log, statementTimeout = 30_000 }: ConnectOptions): Database {
  const pool = createPool({ connectionString, max, statementTimeout, log });
  const hot = createHot({
    connectionString,
    statementTimeout: Math.min(statementTimeout || 5_000, 5_000),
    log,
  });
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    hot,
    async close() {
      await Promise.all([hot.close(), db.destroy()]);
    },
  };
}
