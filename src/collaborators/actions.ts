import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { type Event, recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { queueMail } from '../mail/queue.ts';
import type { Access } from '../projects/access.ts';
import { lockProject } from '../projects/queries.ts';
import { isEmailAddress, normaliseEmail } from '../users/email.ts';
import type { Principal } from '../users/principal.ts';
import { collaborationMail } from './mails.ts';
import {
  type CollaboratorRow,
  deleteCollaborator,
  findCollaborator,
  findInviter,
  hasAccess,
  insertCollaborator,
} from './queries.ts';

type Actor = Pick<Principal, 'userId'>;
type Where = Pick<Access, 'organisationId' | 'projectId'>;

/** Where invitations are accepted. */
export const COLLABORATIONS_PAGE = '/dashboard/collaborations';

/** Queues the mail that invites the address. Fails with `invalid_format`, `already_exists` at `email`, or `not_found`. */
export async function invite(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'vault' | 'config'>,
  actor: Actor,
  where: Where,
  email: string,
): Promise<CollaboratorRow> {
  const { organisationId, projectId } = where;
  const address = normaliseEmail(email);
  if (!isEmailAddress(address)) throw fail('invalid_format', { field: 'email' });
  const id = deps.ids.next();
  return inTransaction(db, async (tx) => {
    // Who has access changes in turns: an invitation may be accepted at this moment.
    if (!(await lockProject(tx, organisationId, projectId))) throw fail('not_found', { field: 'project_id' });
    const known = await hasAccess(tx, organisationId, projectId, address);
    const collaborator = { id, project_id: projectId, email: address, invited_by: actor.userId };
    if (known || !(await insertCollaborator(tx, organisationId, collaborator)))
      throw fail('already_exists', { field: 'email' });
    const names = await findInviter(tx, organisationId, projectId, actor.userId);
    await queueMail(tx, deps, collaborationMail(address, names, `${deps.config.publicUrl}${COLLABORATIONS_PAGE}`));
    const row = await requireCollaborator(tx, where, id);
    await recordEvent(tx, eventOf(deps, actor, 'collaborator.invited', row));
    return row;
  });
}

/** Takes access away, or the invitation back. Fails with `not_found`. */
export function removeFrom(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  actor: Actor,
  where: Where,
  collaboratorId: string,
): Promise<CollaboratorRow> {
  return inTransaction(db, async (tx) => {
    const row = await requireCollaborator(tx, where, collaboratorId);
    if (!(await deleteCollaborator(tx, where.organisationId, row.id)))
      throw fail('not_found', { field: 'collaborator_id' });
    await recordEvent(tx, eventOf(deps, actor, 'collaborator.removed', row));
    return row;
  });
}

export async function requireCollaborator(
  db: Kysely<DB>,
  { organisationId, projectId }: Where,
  collaboratorId: string,
): Promise<CollaboratorRow> {
  const id = parseId(collaboratorId);
  const row = id && (await findCollaborator(db, organisationId, projectId, id));
  if (!row) throw fail('not_found', { field: 'collaborator_id' });
  return row;
}

/** For the organisation that owns the project, whoever did it. */
export function eventOf(
  { ids }: Pick<Deps, 'ids'>,
  { userId }: Actor,
  type: string,
  {
    id,
    organisation_id: organisationId,
    project_id,
    email,
  }: Pick<CollaboratorRow, 'id' | 'organisation_id' | 'project_id' | 'email'>,
): Event {
  const data = { project_id, collaborator_id: id, email };
  return { id: ids.next(), organisationId, type, userId, data };
}
