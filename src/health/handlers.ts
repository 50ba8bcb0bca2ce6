import { sql } from 'kysely';
import { fail } from '../errors/fail.ts';
import type { Handler } from '../http/handler.ts';

export const ping: Handler<'ping'> = (_req, reply) => reply(200, { body: { response: 'pong' } });

export const getHealth: Handler<'getHealth'> = (_req, reply) => reply(200, { body: { response: 'ok' } });

/** Ready means: the database answers and the storage takes writes. */
export const getReadiness: Handler<'getReadiness'> = async ({ db, deps }, reply) => {
  try {
    await Promise.all([sql`select 1`.execute(db), deps.blobs.check()]);
  } catch (cause) {
    throw fail('unavailable', { cause });
  }
  return reply(200, { body: { response: 'ok' } });
};
