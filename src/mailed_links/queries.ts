import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { DB, MailedLinks } from '../../generated/database.ts';
import type { Role } from '../http/operation.ts';
import { hashSecret } from '../users/principal.ts';
import type { MailedLink, MailedLinkKind } from './rules.ts';

/** The link behind a token, whatever became of it: see `usable`. */
export async function findMailedLink(
  db: Kysely<DB>,
  kind: MailedLinkKind,
  token: string,
): Promise<MailedLink | undefined> {
  const row = await byToken(db, kind, token).executeTakeFirst();
  return row && presentLink(row);
}

/** The same, locked until the transaction ends. */
export async function lockMailedLink(
  tx: Transaction<DB>,
  kind: MailedLinkKind,
  token: string,
): Promise<MailedLink | undefined> {
  const row = await byToken(tx, kind, token).forUpdate().executeTakeFirst();
  return row && presentLink(row);
}

function byToken(db: Kysely<DB>, kind: MailedLinkKind, token: string) {
  return db.selectFrom('mailed_links').selectAll().where('kind', '=', kind).where('token_hash', '=', hashSecret(token));
}

function presentLink(row: Selectable<MailedLinks>): MailedLink {
  return {
    id: row.id,
    kind: row.kind as MailedLinkKind,
    organisationId: row.organisation_id,
    email: row.email,
    role: row.role as Role | null,
    userId: row.user_id,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}

export interface NewLink {
  readonly id: string;
  readonly kind: MailedLinkKind;
  readonly tokenHash: Buffer;
  readonly organisationId: string;
  readonly email: string;
  readonly role: Role | null;
  readonly userId: string | null;
  readonly createdBy: string | null;
  readonly at: Date;
  readonly expiresAt: Date;
}

/** Answers false when the organisation has another open invitation of the address. */
export async function insertMailedLink(tx: Transaction<DB>, link: NewLink): Promise<boolean> {
  const result = await tx
    .insertInto('mailed_links')
    .values({
      id: link.id,
      kind: link.kind,
      token_hash: link.tokenHash,
      organisation_id: link.organisationId,
      email: link.email,
      role: link.role,
      user_id: link.userId,
      created_by: link.createdBy,
      created_at: link.at,
      expires_at: link.expiresAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organisation_id', 'email'])
        .where('kind', '=', sql.lit('invitation'))
        .where('used_at', 'is', null)
        .doNothing(),
    )
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function markUsed(tx: Transaction<DB>, organisationId: string, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('mailed_links')
    .set({ used_at: at })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
}

/** Ends links of the kind that nobody has used: which ones is for the caller to say. */
export function endOpenLinks(tx: Transaction<DB>, kind: MailedLinkKind, at: Date) {
  return tx.updateTable('mailed_links').set({ used_at: at }).where('kind', '=', kind).where('used_at', 'is', null);
}

/** Ends what a new one takes the place of: the user's earlier links of the kind. */
export async function endLinksOf(tx: Transaction<DB>, kind: MailedLinkKind, userId: string, at: Date): Promise<void> {
  await endOpenLinks(tx, kind, at).where('user_id', '=', userId).execute();
}

/** Ends what a new one takes the place of: the organisation's earlier invitation of the address. */
export async function endInvitationOf(
  tx: Transaction<DB>,
  organisationId: string,
  email: string,
  at: Date,
): Promise<void> {
  const open = endOpenLinks(tx, 'invitation', at).where('organisation_id', '=', organisationId);
  await open.where('email', '=', email).execute();
}

/** Removes links that expired a month ago; until then their pages can say what became of them. */
export async function deleteOldLinks(db: Kysely<DB>): Promise<number> {
  const result = await db
    .deleteFrom('mailed_links')
    .where('expires_at', '<', sql<Date>`now() - interval '30 days'`)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
