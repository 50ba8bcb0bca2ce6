import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Page } from '../http/pagination.ts';
import { endOpenLinks } from '../mailed_links/queries.ts';

/** Mailed links that make somebody a user and that nobody has used, withdrawn or replaced. */
const invitations = (db: Kysely<DB>, organisationId: string) =>
  db
    .selectFrom('mailed_links as l')
    .innerJoin('organisations as o', 'o.id', 'l.organisation_id')
    .leftJoin('users as u', 'u.id', 'l.created_by')
    .select(['l.id', 'l.email', 'l.role', 'l.created_at', 'l.expires_at', 'o.name as organisation_name'])
    .select(['u.email as inviter_email', 'u.name as inviter_name'])
    .where('l.organisation_id', '=', organisationId)
    .where('l.kind', '=', 'invitation')
    .where('l.used_at', 'is', null);

export function findInvitation(db: Kysely<DB>, organisationId: string, id: string) {
  return invitations(db, organisationId).where('l.id', '=', id).executeTakeFirst();
}

export type InvitationRow = NonNullable<Awaited<ReturnType<typeof findInvitation>>>;

/** One row more than the page holds, newest first. */
export function listInvitationRows(
  db: Kysely<DB>,
  organisationId: string,
  { limit, before }: Page,
): Promise<InvitationRow[]> {
  const query = invitations(db, organisationId)
    .orderBy('l.id', 'desc')
    .limit(limit + 1);
  return (before === undefined ? query : query.where('l.id', '<', before)).execute();
}

/** Ends an invitation's link. False when it was used meanwhile, or is not there. */
export async function endInvitation(
  tx: Transaction<DB>,
  organisationId: string,
  id: string,
  at: Date,
): Promise<boolean> {
  const open = endOpenLinks(tx, 'invitation', at).where('organisation_id', '=', organisationId);
  const { numUpdatedRows } = await open.where('id', '=', id).executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Ends the links of every invitation by that user which nobody has accepted; answers them. */
export function endInvitationsBy(tx: Transaction<DB>, organisationId: string, userId: string, at: Date) {
  const open = endOpenLinks(tx, 'invitation', at).where('organisation_id', '=', organisationId);
  return open.where('created_by', '=', userId).returning(['id', 'email']).execute();
}
