import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { parseId } from '../ids/parse.ts';
import { lockProject } from '../projects/queries.ts';
import type { Principal } from '../users/principal.ts';
import { eventOf } from './actions.ts';
import { type CollaborationRow, collaborates, findCollaboration, markAccepted } from './collaboration_queries.ts';
import { deleteCollaborator } from './queries.ts';

type Invited = Pick<Principal, 'userId' | 'email' | 'organisationId'>;

/**
 * Accepts an invitation of the user's address; what the user has accepted stays as it is. Fails with `not_found`, or with
 * `conflict` where the user has access already.
 */
export function accept(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  invited: Invited,
  collaboratorId: string,
): Promise<CollaborationRow> {
  return inTransaction(db, async (tx) => {
    const waiting = await requireCollaboration(tx, invited, collaboratorId);
    if (waiting.suspended) throw fail('not_found', { field: 'collaborator_id' });
    if (waiting.accepted_at !== null) return waiting;
    await lockProject(tx, waiting.organisation_id, waiting.project_id);
    const colleague = waiting.organisation_id === invited.organisationId;
    const current = await requireCollaboration(tx, invited, waiting.id);
    if (current.accepted_at !== null) return current;
    if (colleague || (await collaborates(tx, invited, waiting))) throw fail('conflict');
    if (!(await markAccepted(tx, invited, waiting.id, deps.clock())))
      throw fail('not_found', { field: 'collaborator_id' });
    await recordEvent(tx, eventOf(deps, invited, 'collaborator.accepted', waiting));
    return requireCollaboration(tx, invited, waiting.id);
  });
}

/** Declines an invitation, or ends the user's access. Fails with `not_found`. */
export function leave(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids'>,
  invited: Invited,
  collaboratorId: string,
): Promise<CollaborationRow> {
  return inTransaction(db, async (tx) => {
    const row = await requireCollaboration(tx, invited, collaboratorId);
    if (!(await deleteCollaborator(tx, row.organisation_id, row.id)))
      throw fail('not_found', { field: 'collaborator_id' });
    await recordEvent(tx, eventOf(deps, invited, 'collaborator.removed', row));
    return row;
  });
}

async function requireCollaboration(
  db: Kysely<DB>,
  invited: Invited,
  collaboratorId: string,
): Promise<CollaborationRow> {
  const id = parseId(collaboratorId);
  const row = id && (await findCollaboration(db, invited, id));
  if (!row) throw fail('not_found', { field: 'collaborator_id' });
  return row;
}
