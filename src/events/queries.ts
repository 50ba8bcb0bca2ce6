import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

export interface EventFilter {
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
}

/** One row more than the page holds, newest first. */
export function listEventRows(
  db: Kysely<DB>,
  organisationId: string,
  { type, userId }: EventFilter,
  { limit, before }: Page,
) {
  let query = db
    .selectFrom('events')
    .select(['id', 'type', 'user_id', 'data', 'created_at'])
    .where('organisation_id', '=', organisationId)
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (before !== undefined) query = query.where('id', '<', before);
  if (type !== undefined) query = query.where('type', '=', type);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  return query.execute();
}

export type EventRow = Awaited<ReturnType<typeof listEventRows>>[number];
