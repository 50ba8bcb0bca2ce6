import { type Kysely, sql } from 'kysely';

/** The data of events is part of the Platform API from here on, which speaks snake_case. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    update events set data = (
      select jsonb_object_agg(coalesce(names.new, entry.key), entry.value)
      from jsonb_each(data) entry
      left join (values ('productId', 'product_id'), ('versionId', 'version_id'), ('tokenId', 'token_id'),
        ('sessionId', 'session_id')) as names (old, new) on names.old = entry.key)
    where data ?| array['productId', 'versionId', 'tokenId', 'sessionId'];
  `.execute(db);
}
