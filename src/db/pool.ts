import pg from 'pg';
import type { Log } from './log.ts';
import { toParameters } from './parameters.ts';
import { createStatementNames, isStale } from './statement_names.ts';

export interface PoolOptions {
  connectionString: string;
  /** Most connections at once. */
  max: number;
  /** Milliseconds that one statement may take; 0: no limit. */
  statementTimeout: number;
  log: Log;
}

/**
 * A pool whose connections prepare every `query(text, values)` that has values under a name of its own, which saves
 * PostgreSQL parsing and planning it again (the largest single gain of all that were measured).
 */
export function createPool({ connectionString, max, statementTimeout, log }: PoolOptions): pg.Pool {
  const names = createStatementNames();
  const pool = new pg.Pool({
    connectionString,
    max,
    statement_timeout: statementTimeout,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'continuity',
  });
  const lost = (error: Error) => {
    // A pool that is being closed parts with its connections before their sockets have closed.
    if (!pool.ending) log.warn({ err: error }, 'database connection lost');
  };
  pool.on('error', lost);
  pool.on('connect', (client) => {
    client.on('error', lost);
    const send = client.query.bind(client);
    const sendWatched = async (text: string, parameters: unknown[]) => {
      try {
        return await send(statement(names.nameOf(text), text, parameters));
      } catch (error) {
        // The error that ends a session arrives before its socket closes: without this the pool would lend it again.
        if (error instanceof pg.DatabaseError && error.severity === 'FATAL') void client.end();
        throw error;
      }
    };
    const named = async (text: string, values: unknown[]) => {
      const parameters = toParameters(values);
      // An error inside of a transaction has ended it: repeating the statement alone would be wrong.
      const alone = client.getTransactionStatus() === 'I';
      try {
        return await sendWatched(text, parameters);
      } catch (error) {
        if (!isStale(error)) throw error;
        names.renew(text);
        if (!alone) throw error;
        return sendWatched(text, parameters);
      }
    };
    client.query = ((...args: unknown[]) => {
      const [text, values] = args;
      if (args.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0) {
        return named(text, values);
      }
      return Reflect.apply(send, client, args);
    }) as typeof client.query;
  });
  return pool;
}

function statement(name: string | undefined, text: string, values: unknown[]): pg.QueryConfig {
  return name === undefined ? { text, values } : { name, text, values };
}
