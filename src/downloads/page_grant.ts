import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { isUsedUp } from '../download_tokens/rules.ts';
import { type Client, findOpenSession, type Grant } from './queries.ts';
import { requireDownload } from './sessions.ts';

/** Refuses a client for whom neither kind of download would start or go on: `used_up`. Opens none. */
export async function requireAnyDownload(db: Kysely<DB>, grant: Grant, client: Client): Promise<void> {
  if (!isUsedUp(grant) || (await findOpenSession(db, grant.id, 'archive', client))) return;
  await requireDownload(db, grant, 'packs', client);
}
