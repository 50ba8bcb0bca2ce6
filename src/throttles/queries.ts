import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** `expire`: milliseconds since 1970, by the clocks of the servers that wrote it. */
export async function deleteExpired(db: Kysely<DB>, at: Date): Promise<number> {
  const result = await db.deleteFrom('throttles').where('expire', '<=', String(at.getTime())).executeTakeFirst();
  return Number(result.numDeletedRows);
}
