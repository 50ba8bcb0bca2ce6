import { type Kysely, sql } from 'kysely';

/** A refund finds the links of its purchase without reading all there are. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`create index download_tokens_purchase on download_tokens (purchase_id) where purchase_id is not null`.execute(
    db,
  );
}
