import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import type { Principal } from '../users/principal.ts';

export type Invited = Pick<Principal, 'userId' | 'email'>;

/** As the collaborator sees them: what the user accepted, and what waits for the user's address. */
const collaborations = (db: Kysely<DB>, { userId, email }: Invited) =>
  db
    .selectFrom('collaborators as c')
    .innerJoin('projects as p', 'p.id', 'c.project_id')
    .innerJoin('organisations as o', 'o.id', 'c.organisation_id')
    .select(['c.id', 'c.organisation_id', 'c.project_id', 'c.email', 'c.user_id', 'c.created_at', 'c.accepted_at'])
    .select(['p.name as project_name', 'o.name as organisation_name'])
    .select(sql<boolean>`o.suspended_at is not null`.as('suspended'))
    .where((eb) =>
      eb.or([eb('c.user_id', '=', userId), eb.and([eb('c.accepted_at', 'is', null), eb('c.email', '=', email)])]),
    );

export function findCollaboration(db: Kysely<DB>, invited: Invited, id: string) {
  return collaborations(db, invited).where('c.id', '=', id).executeTakeFirst();
}

export type CollaborationRow = NonNullable<Awaited<ReturnType<typeof findCollaboration>>>;

/** But for those of a suspended owner: one row more than the page holds, newest first. */
export function listCollaborationRows(
  db: Kysely<DB>,
  invited: Invited,
  { limit, before }: Page,
): Promise<CollaborationRow[]> {
  const query = collaborations(db, invited)
    .where('o.suspended_at', 'is', null)
    .orderBy('c.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('c.id', '<', before)).execute();
}

/** Whether the user is a collaborator of the project already, under whichever invitation. */
export async function collaborates(
  tx: Transaction<DB>,
  { userId }: Pick<Invited, 'userId'>,
  { organisation_id, project_id }: Pick<CollaborationRow, 'organisation_id' | 'project_id'>,
): Promise<boolean> {
  const query = tx.selectFrom('collaborators').select('id').where('organisation_id', '=', organisation_id);
  return (
    (await query.where('project_id', '=', project_id).where('user_id', '=', userId).executeTakeFirst()) !== undefined
  );
}

/** False where the invitation is gone, or somebody accepted it, meanwhile. */
export async function markAccepted(
  tx: Transaction<DB>,
  { userId, email }: Invited,
  id: string,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('collaborators')
    .set({ user_id: userId, accepted_at: at })
    .where('id', '=', id)
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
