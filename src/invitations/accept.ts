import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { takeMailedLink } from '../mailed_links/actions.ts';
import { findMailedLink } from '../mailed_links/queries.ts';
import { usable } from '../mailed_links/rules.ts';
import { checkNewPassword, hashPassword } from '../users/password.ts';
import { insertUser, isAddressTaken } from '../users/queries.ts';
import { checkNewName } from '../users/rules.ts';
import { findInvitation, type InvitationRow } from './queries.ts';

/**
 * The invitation behind a link, which stays as it is. Fails with `not_found`, `used_up` or `expired` at `token`, or
 * `already_taken` where the address got an account meanwhile.
 */
export async function openInvitation(
  db: Kysely<DB>,
  { clock }: Pick<Deps, 'clock'>,
  token: string,
): Promise<InvitationRow> {
  const link = usable(await findMailedLink(db, 'invitation', token), clock());
  if (await isAddressTaken(db, link.email)) throw fail('already_taken', { field: 'email' });
  const invitation = await findInvitation(db, link.organisationId, link.id);
  if (!invitation) throw fail('used_up', { field: 'token' });
  return invitation;
}

/**
 * Makes the invited address a user and uses the link up: both or neither. Fails as `openInvitation` does, or with
 * `is_blank` or `invalid_format` at `name` or `new_password`.
 */
export async function acceptInvitation(
  deps: Pick<Deps, 'db' | 'ids' | 'clock'>,
  token: string,
  { name, password }: { name: string; password: string },
): Promise<void> {
  const { email } = await openInvitation(deps.db, deps, token);
  const called = checkNewName(name);
  checkNewPassword(password, { email, field: 'new_password' });
  const passwordHash = await hashPassword(password);
  await inTransaction(deps.db, async (tx) => {
    const link = await takeMailedLink(tx, deps, 'invitation', token);
    const { organisationId, role } = link;
    if (role === null) throw new Error(`invitation ${link.id} has no role`);
    const userId = deps.ids.next();
    const user = { id: userId, organisationId, email: link.email, name: called, role, passwordHash };
    if (!(await insertUser(tx, { ...user, apiKeyHash: null, at: deps.clock() })))
      throw fail('already_taken', { field: 'email' });
    const data = { invitation_id: link.id, role };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'invitation.accepted', userId, data });
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'user.created', userId, data: { role } });
  });
}
