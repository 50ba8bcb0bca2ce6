import type { Kysely, Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import type { Role } from '../http/operation.ts';
import { parseId } from '../ids/parse.ts';
import { endInvitationsBy } from '../invitations/queries.ts';
import { queueMail } from '../mail/queue.ts';
import { lockOrganisation } from '../organisations/queries.ts';
import { newApiKey } from './api_key.ts';
import { apiKeyRefreshedMail } from './mails.ts';
import { hashSecret, type Principal } from './principal.ts';
import { changeRole, deleteUserRow, findOwnerIds, findUser, replaceApiKey, type UserRow } from './queries.ts';
import { roleRefusal } from './rules.ts';

type Actor = Pick<Principal, 'organisationId' | 'userId'>;

/** Gives the user a new API key and tells them by mail; the old one is dead when this resolves. */
export async function refreshKey(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock' | 'vault' | 'config'>,
  principal: Actor,
): Promise<{ apiKey: string; at: Date }> {
  const { ids, clock } = deps;
  const { organisationId, userId } = principal;
  const apiKey = newApiKey();
  const at = clock();
  await inTransaction(db, async (tx) => {
    const email = await replaceApiKey(tx, organisationId, userId, hashSecret(apiKey), at);
    if (email === undefined) throw fail('unauthorized');
    await queueMail(tx, deps, apiKeyRefreshedMail(email, `${deps.config.publicUrl}/dashboard/settings/api-key`));
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'api_key.refreshed', userId, data: {} });
  });
  return { apiKey, at };
}

/** Gives a colleague another role, from their next request on. Fails with `not_found`, `insufficient_role` or `conflict`. */
export function assignRole(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, userId }: Actor,
  targetId: string,
  role: Role,
): Promise<UserRow> {
  return inTransaction(db, async (tx) => {
    const target = await lockColleague(tx, { organisationId, userId }, targetId, role);
    if (target.role === role) return target;
    await changeRole(tx, organisationId, target.id, role);
    await withdrawInvitations(tx, deps, { organisationId, userId }, target.id);
    const data = { changed_user_id: target.id, from: target.role, to: role };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'user.role_changed', userId, data });
    return { ...target, role };
  });
}

/** Takes a colleague out, with every credential. Fails with `not_found`, `insufficient_role` or `conflict`. */
export function removeUser(
  db: Kysely<DB>,
  deps: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, userId }: Actor,
  targetId: string,
): Promise<UserRow> {
  return inTransaction(db, async (tx) => {
    const target = await lockColleague(tx, { organisationId, userId }, targetId, null);
    await withdrawInvitations(tx, deps, { organisationId, userId }, target.id);
    await deleteUserRow(tx, organisationId, target.id);
    const data = { deleted_user_id: target.id, email: target.email, role: target.role };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'user.deleted', userId, data });
    return target;
  });
}

/** Who may invite nobody any more must not come back by a link to another mailbox of theirs. */
async function withdrawInvitations(
  tx: Transaction<DB>,
  { ids, clock }: Pick<Deps, 'ids' | 'clock'>,
  { organisationId, userId }: Actor,
  inviterId: string,
): Promise<void> {
  for (const { id, email } of await endInvitationsBy(tx, organisationId, inviterId, clock())) {
    const data = { invitation_id: id, email };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'invitation.deleted', userId, data });
  }
}

/** The colleague to be changed, once nobody else can change who owns the organisation. */
async function lockColleague(
  tx: Transaction<DB>,
  { organisationId, userId }: Actor,
  targetId: string,
  role: Role | null,
): Promise<UserRow> {
  await lockOrganisation(tx, organisationId);
  const id = parseId(targetId);
  const target = id && (await findUser(tx, organisationId, id));
  if (!target) throw fail('not_found', { field: 'user_id' });
  const refused = roleRefusal(
    await findOwnerIds(tx, organisationId),
    userId,
    { id: target.id, role: target.role as Role },
    role,
  );
  if (refused) throw refused;
  return target;
}
