import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** What a user granted, latest first; one row for each application. */
export function listAuthorizationRows(db: Kysely<DB>, userId: string) {
  return db
    .selectFrom('authorizations as a')
    .innerJoin('applications as p', 'p.id', 'a.application_id')
    .innerJoin('organisations as o', 'o.id', 'p.organisation_id')
    .select(['a.id', 'a.scopes', 'a.created_at', 'p.name', 'p.description', 'o.name as organisation_name'])
    .where('a.user_id', '=', userId)
    .orderBy('a.id', 'desc')
    .execute();
}

export type AuthorizationRow = Awaited<ReturnType<typeof listAuthorizationRows>>[number];

/** With it go its codes and tokens (foreign keys). Answers the application's id; `undefined` where there was none. */
export async function removeAuthorization(
  tx: Transaction<DB>,
  userId: string,
  id: string,
): Promise<string | undefined> {
  const removed = await tx
    .deleteFrom('authorizations')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('application_id')
    .executeTakeFirst();
  return removed?.application_id;
}
