import { type Kysely, sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';

/** As the owner of the project sees them; the e-mail address of one who accepted is the present one. */
const collaborators = (db: Kysely<DB>, organisationId: string, projectId: string) =>
  db
    .selectFrom('collaborators as c')
    .leftJoin('users as u', 'u.id', 'c.user_id')
    .select(['c.id', 'c.organisation_id', 'c.project_id', 'c.created_at', 'c.accepted_at'])
    .select((eb) => eb.fn.coalesce('u.email', 'c.email').as('email'))
    .where('c.organisation_id', '=', organisationId)
    .where('c.project_id', '=', projectId);

export function findCollaborator(db: Kysely<DB>, organisationId: string, projectId: string, id: string) {
  return collaborators(db, organisationId, projectId).where('c.id', '=', id).executeTakeFirst();
}

export type CollaboratorRow = NonNullable<Awaited<ReturnType<typeof findCollaborator>>>;

/** One row more than the page holds, newest first. */
export function listCollaboratorRows(
  db: Kysely<DB>,
  organisationId: string,
  projectId: string,
  { limit, before }: Page,
): Promise<CollaboratorRow[]> {
  const query = collaborators(db, organisationId, projectId)
    .orderBy('c.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('c.id', '<', before)).execute();
}

/** Whether a user with this address has access to the project, as one of its owner or as a collaborator. */
export async function hasAccess(
  tx: Transaction<DB>,
  organisationId: string,
  projectId: string,
  email: string,
): Promise<boolean> {
  const { rows } = await sql`select from users u where u.email = ${email} and (u.organisation_id = ${organisationId}
    or exists (select from collaborators c where c.organisation_id = ${organisationId}
      and c.project_id = ${projectId}::bigint and c.user_id = u.id))`.execute(tx);
  return rows.length > 0;
}

export interface NewCollaborator {
  readonly id: string;
  readonly project_id: string;
  readonly email: string;
  readonly invited_by: string;
}

/** False where the address is invited to the project already. */
export async function insertCollaborator(
  tx: Transaction<DB>,
  organisationId: string,
  collaborator: NewCollaborator,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('collaborators')
    .values({ organisation_id: organisationId, ...collaborator })
    .onConflict((conflict) => conflict.columns(['project_id', 'email']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** False where it was gone already. */
export async function deleteCollaborator(tx: Transaction<DB>, organisationId: string, id: string): Promise<boolean> {
  const query = tx.deleteFrom('collaborators').where('organisation_id', '=', organisationId).where('id', '=', id);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}

/** Names in the mail that invites. */
export function findInviter(tx: Transaction<DB>, organisationId: string, projectId: string, userId: string) {
  return tx
    .selectFrom('projects as p')
    .innerJoin('organisations as o', 'o.id', 'p.organisation_id')
    .leftJoin('users as u', (join) => join.on('u.id', '=', userId))
    .select(['p.name as project_name', 'o.name as organisation_name', 'u.email as inviter_email'])
    .where('p.organisation_id', '=', organisationId)
    .where('p.id', '=', projectId)
    .executeTakeFirstOrThrow();
}
