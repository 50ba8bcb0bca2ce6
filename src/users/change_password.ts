import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { queueMail } from '../mail/queue.ts';
import { takeMailedLink } from '../mailed_links/actions.ts';
import { endLinksOf, findMailedLink } from '../mailed_links/queries.ts';
import { usable } from '../mailed_links/rules.ts';
import { endOtherSessions } from '../sessions/actions.ts';
import { endSessionsOf, type PageUser } from '../sessions/queries.ts';
import { passwordChangedMail } from './mails.ts';
import { checkNewPassword, hashPassword } from './password.ts';
import { lockUser, type SignInRow, setPasswordHash } from './password_queries.ts';
import { provePassword } from './prove_password.ts';

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'vault' | 'config' | 'throttles'>;
type Who = Pick<PageUser, 'organisationId' | 'userId' | 'email' | 'sessionId'>;

/**
 * Sets another password and ends every session but this one. Fails as `provePassword` and `checkNewPassword` do, or with
 * `conflict` when it was changed meanwhile.
 */
export async function changePassword(deps: Needs, user: Who, current: string, password: string): Promise<void> {
  const stored = await provePassword(deps, user, current);
  const hash = await hashPassword(password);
  await inTransaction(deps.db, async (tx) => {
    const locked = await lockUser(tx, user.organisationId, user.userId);
    if (!locked || locked.password_hash !== stored) throw fail('conflict');
    await endOtherSessions(tx, deps, user, user.sessionId);
    await replacePassword(tx, deps, locked, hash, 'user');
  });
}

/**
 * Sets the password of whoever a `password_reset` link was mailed to, and ends all of their sessions; answers their
 * address. Fails with `not_found`, `used_up` or `expired`, or as `checkNewPassword` does; the link can then still be used.
 */
export async function resetPassword(deps: Needs, token: string, password: string): Promise<{ email: string }> {
  const { email } = usable(await findMailedLink(deps.db, 'password_reset', token), deps.clock());
  checkNewPassword(password, { email, field: 'new_password' });
  const hash = await hashPassword(password);
  await inTransaction(deps.db, async (tx) => {
    const { organisationId, userId } = await takeMailedLink(tx, deps, 'password_reset', token);
    const locked = userId === null ? undefined : await lockUser(tx, organisationId, userId);
    // Mailed to an address that is not the user's any more.
    if (locked?.email !== email) throw fail('used_up', { field: 'token' });
    await endSessionsOf(tx, locked.id);
    await replacePassword(tx, deps, locked, hash, 'mailed_link');
  });
  // Whoever has tried to guess it meanwhile must not keep the owner out.
  await deps.throttles.signInAccount.clear(email);
  return { email };
}

/** Links that were mailed before end too: somebody else may have asked for them. */
async function replacePassword(
  tx: Transaction<DB>,
  deps: Needs,
  { id: userId, organisation_id: organisationId, email }: SignInRow,
  hash: string,
  by: 'user' | 'mailed_link',
): Promise<void> {
  await setPasswordHash(tx, organisationId, userId, hash);
  await endLinksOf(tx, 'password_reset', userId, deps.clock());
  await endLinksOf(tx, 'email_change', userId, deps.clock());
  await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'user.password_changed', userId, data: { by } });
  await queueMail(tx, deps, passwordChangedMail(email, `${deps.config.publicUrl}/dashboard/password-reset`));
}
