import type { Transaction } from 'kysely';
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
export async function recordEvent(
  tx: Transaction<DB>,
  { id, organisationId, type, userId, data }: Event,
): Promise<void> {
  await tx
    .insertInto('events')
    .values({ id, organisation_id: organisationId, type, user_id: userId, data: JSON.stringify(data) })
    .execute();
}
