import { type Kysely, sql } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import type { Role } from '../http/operation.ts';
import { rolesFrom } from '../http/operation.ts';
import { UNPAID } from '../users/principal.ts';
import type { Principal } from '../users/principal.ts';

export type Caller = Pick<Principal, 'userId' | 'organisationId' | 'role'>;

/** What a user may do with a project: as a user of the organisation that owns it, or as a collaborator. */
export interface Access {
  readonly projectId: string;
  /** Of the organisation that owns it. */
  readonly organisationId: string;
  /** The role in that organisation; null for a collaborator. */
  readonly role: Role | null;
  /** Whether that organisation owes money. */
  readonly unpaid: boolean;
}

/**
 * SQL for "the user may see project `p`", over a user's id and organisation. While the owner is suspended its
 * collaborators may not; its own users come no further than authentication then.
 */
export const visibleTo = ({ userId, organisationId }: Pick<Caller, 'userId' | 'organisationId'>) =>
  sql<boolean>`(p.organisation_id = ${organisationId} or exists (
    select from collaborators c join organisations owner on owner.id = c.organisation_id
    where c.project_id = p.id and c.user_id = ${userId} and owner.suspended_at is null))`;

/** The caller's access to a project; `not_found` (on `project_id`) where there is none. */
export async function requireProject(db: Kysely<DB>, caller: Caller, projectId: string): Promise<Access> {
  const id = parseId(projectId);
  const access = id && (await findAccess(db, caller, id));
  if (!access) throw fail('not_found', { field: 'project_id' });
  return access;
}

/** The caller's access to a project by its id, a decimal string that fits 64 bits. */
export async function findAccess(db: Kysely<DB>, caller: Caller, projectId: string): Promise<Access | undefined> {
  const { rows } = await sql<{ organisation_id: string; unpaid: boolean }>`
    select p.organisation_id, ${sql.raw(UNPAID)} as unpaid
    from projects p join organisations o on o.id = p.organisation_id
    where p.id = ${projectId} and ${visibleTo(caller)}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const { organisation_id: organisationId, unpaid } = row;
  const role = organisationId === caller.organisationId ? caller.role : null;
  return { projectId, organisationId, role, unpaid };
}

/** Fails with `insufficient_role` unless the caller has this role, or a higher one, in the organisation that owns it. */
export function requireOwned({ role }: Access, least: Role): void {
  if (role === null || !rolesFrom(least).includes(role)) throw fail('insufficient_role');
}

/** 402 for what makes the owning organisation build: judged on it, not on the caller's own (product.md). */
export function requireStanding({ unpaid }: Access): void {
  if (unpaid) throw fail('payment_required');
}
