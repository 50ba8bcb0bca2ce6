import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import type { Role } from '../http/operation.ts';
import { parseId } from '../ids/parse.ts';
import { queueMail } from '../mail/queue.ts';
import { createMailedLink } from '../mailed_links/actions.ts';
import { mailedLinkUrl } from '../mailed_links/rules.ts';
import { lockOrganisation } from '../organisations/queries.ts';
import { normaliseEmail } from '../users/email.ts';
import type { Principal } from '../users/principal.ts';
import { findOwnerIds, isAddressTaken } from '../users/queries.ts';
import { invitationMail } from './mails.ts';
import { endInvitation, findInvitation, type InvitationRow } from './queries.ts';

type Actor = Pick<Principal, 'organisationId' | 'userId'>;

/**
 * Queues the mail whose link makes the address a user with the role, and ends the organisation's earlier link to it.
 * Other organisations' invitations of the address stay, untold: the first that is accepted wins. Fails with
 * `already_taken` when the address has an account anywhere, or `insufficient_role`.
 */
export function invite(
  db: Kysely<DB>,
  deps: Deps,
  { organisationId, userId }: Actor,
  { email, role }: { email: string; role: Role },
): Promise<InvitationRow> {
  const address = normaliseEmail(email);
  return inTransaction(db, async (tx) => {
    // Of two invitations of one address at once, the later shall replace the earlier.
    await lockOrganisation(tx, organisationId);
    // They may have been an owner only when the request came in.
    if (!(await findOwnerIds(tx, organisationId)).includes(userId)) throw fail('insufficient_role');
    if (await isAddressTaken(tx, address)) throw fail('already_taken', { field: 'email' });
    const wanted = { kind: 'invitation', organisationId, email: address, role, createdBy: userId } as const;
    const { id, token } = await createMailedLink(tx, deps, wanted);
    const invitation = await findInvitation(tx, organisationId, id);
    if (!invitation) throw new Error(`invitation ${id} was not stored`);
    await queueMail(tx, deps, invitationMail(invitation, mailedLinkUrl(deps.config, 'invitation', token)));
    const data = { invitation_id: id, email: address, role };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'invitation.created', userId, data });
    return invitation;
  });
}

/** Ends the link of an invitation that nobody has accepted. Fails with `not_found`. */
export function withdraw(
  db: Kysely<DB>,
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, userId }: Actor,
  invitationId: string,
): Promise<InvitationRow> {
  return inTransaction(db, async (tx) => {
    const id = parseId(invitationId);
    const invitation = id && (await findInvitation(tx, organisationId, id));
    if (!invitation || !(await endInvitation(tx, organisationId, invitation.id, clock())))
      throw fail('not_found', { field: 'invitation_id' });
    const data = { invitation_id: invitation.id, email: invitation.email };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'invitation.deleted', userId, data });
    return invitation;
  });
}
