import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

export interface Event {
  readonly id: string;
  readonly organisationId: string;
  /** `<table in singular>.<what happened>`, such as `version.activated`; documented under the tag `events`. */
  readonly type: string;
  /** Who did it; null for the server itself. */
  readonly userId: string | null;
  readonly data: Record<string, string | number | boolean | null>;
}

/** Writes the event row in the transaction of the change (outbox): neither is there without the other. */
export function recordEvent(tx: Transaction<DB>, event: Event): Promise<void> {
  return recordEvents(tx, [event]);
}

/** Several, in one statement. */
export async function recordEvents(tx: Transaction<DB>, events: readonly Event[]): Promise<void> {
  await sql`
    insert into events (id, organisation_id, type, user_id, data)
    select id, "organisationId", type, "userId", data
    from json_to_recordset(${JSON.stringify(events)}::json)
      as event (id bigint, "organisationId" text, type text, "userId" bigint, data jsonb)`.execute(tx);
}
