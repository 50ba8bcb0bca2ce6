import { type Kysely, sql } from 'kysely';

/**
 * A user can be removed: what they made stays. A link keeps the id of who made it, as an event does: taking it out of a
 * million rows would hold up the removal. Keys of their requests go with them.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table versions drop constraint versions_created_by_fkey,
      add foreign key (created_by) references users on delete set null;
    alter table download_tokens drop constraint download_tokens_created_by_fkey;
    alter table idempotency_keys drop constraint idempotency_keys_user_id_fkey,
      add foreign key (user_id) references users on delete cascade;
  `.execute(db);
}
