import { Logger, runMigrations } from 'graphile-worker';
import { type Kysely, type Migration, Migrator } from 'kysely';
import type { Pool } from 'pg';
import { migrations } from '../../generated/migrations.ts';
import { LOCKS } from './locks.ts';

const quiet = new Logger(() => () => undefined);

/**
 * Brings the schema `graphile_worker` and our own up to date and answers the names of the migrations it ran.
 * Processes that call it at the same time take turns; the second finds nothing to do.
 * Needs a pool of at least three connections. Rejects with the database's error; nothing of ours is then applied.
 */
export async function migrateToLatest<T>({ db, pool }: { db: Kysely<T>; pool: Pool }): Promise<string[]> {
  const turn = await pool.connect();
  try {
    await turn.query('select pg_advisory_lock($1)', [LOCKS.migrations]);
    await runMigrations({ pgPool: pool, logger: quiet });
    // Kysely hands every migration an untyped database; ours take one without tables, since the types change later.
    const getMigrations = async () => migrations as unknown as Record<string, Migration>;
    const migrator = new Migrator({ db, provider: { getMigrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
    return results.map((result) => result.migrationName);
  } finally {
    // Destroying the connection also frees the lock, whatever state an error left it in.
    turn.release(true);
  }
}
