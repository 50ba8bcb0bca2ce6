import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { queueMail } from '../mail/queue.ts';
import { createMailedLink, takeMailedLink } from '../mailed_links/actions.ts';
import { endLinksOf } from '../mailed_links/queries.ts';
import { mailedLinkUrl } from '../mailed_links/rules.ts';
import type { PageUser } from '../sessions/queries.ts';
import { isEmailAddress, normaliseEmail } from './email.ts';
import { emailChangedMail, emailChangeMail } from './mails.ts';
import { setEmail, setName } from './profile_queries.ts';
import { provePassword } from './prove_password.ts';
import { isAddressTaken } from './queries.ts';
import { checkName } from './rules.ts';

type Who = Pick<PageUser, 'organisationId' | 'userId' | 'email'>;

/** Changes what the user is called; an empty name takes it away. Fails with `invalid_format` at `name`. */
export async function rename(
  { db, ids }: Pick<Deps, 'db' | 'ids'>,
  { organisationId, userId }: Who,
  name: string,
): Promise<void> {
  const trimmed = checkName(name);
  await inTransaction(db, async (tx) => {
    await setName(tx, organisationId, userId, trimmed === '' ? null : trimmed);
    const data = { name: trimmed };
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'user.renamed', userId, data });
  });
}

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'vault' | 'config' | 'throttles'>;

/**
 * Mails a link to the address that the user wants; nothing changes until it is followed. Fails with a code at `email`
 * (`already_exists`: it is theirs already), as `provePassword` does, or with `slow_down` after too many mails.
 */
export async function askEmailChange(deps: Needs, user: Who, email: string, password: string): Promise<void> {
  const wanted = normaliseEmail(email);
  if (wanted === '') throw fail('is_blank', { field: 'email' });
  if (!isEmailAddress(wanted)) throw fail('invalid_format', { field: 'email' });
  if (wanted === user.email) throw fail('already_exists', { field: 'email' });
  await provePassword(deps, user, password);
  await deps.throttles.reset.take(`email change ${user.userId}`);
  const { organisationId, userId } = user;
  await inTransaction(deps.db, async (tx) => {
    if (await isAddressTaken(tx, wanted)) throw fail('already_taken', { field: 'email' });
    const link = { kind: 'email_change', organisationId, userId, email: wanted, createdBy: userId } as const;
    const { token } = await createMailedLink(tx, deps, link);
    await queueMail(tx, deps, emailChangeMail(wanted, mailedLinkUrl(deps.config, 'email_change', token)));
  });
}

/**
 * Makes the address of an `email_change` link the user's; answers it. Only for the user who asked: whoever else reads
 * that mailbox must not take the account over. Fails with `not_found`, `used_up` or `expired` at `token`, or with
 * `already_taken` at `email`; the link can then still be used.
 */
export function confirmEmailChange(deps: Needs, { organisationId, userId }: Who, token: string): Promise<string> {
  return inTransaction(deps.db, async (tx) => {
    const link = await takeMailedLink(tx, deps, 'email_change', token);
    if (link.userId !== userId) throw fail('not_found', { field: 'token' });
    const { email } = link;
    const old = await setEmail(tx, organisationId, userId, email);
    // These are in the old mailbox.
    await endLinksOf(tx, 'password_reset', userId, deps.clock());
    const data = { from: old, to: email };
    await recordEvent(tx, { id: deps.ids.next(), organisationId, type: 'user.email_changed', userId, data });
    await queueMail(tx, deps, emailChangedMail(old, email));
    return email;
  });
}
