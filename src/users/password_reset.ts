import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { queueMail } from '../mail/queue.ts';
import { openSealed, queueSealed, type Sealed } from '../tasks/sealed.ts';
import { addressBlock } from '../throttles/address_block.ts';
import { isEmailAddress, normaliseEmail } from './email.ts';
import { passwordResetMail } from './mails.ts';
import { createPasswordLink } from './password_link.ts';
import { findForSignIn } from './password_queries.ts';

const TASK = 'password_reset';

/**
 * Takes the wish for a new password. Whether there is such a user is looked up by the worker, so that neither the answer
 * nor its time tells. Fails with `is_blank` or `invalid_format` at `email`, or with `slow_down`.
 */
export async function askPasswordReset(
  { db, vault, throttles }: Pick<Deps, 'db' | 'vault' | 'throttles'>,
  address: string,
  email: string,
): Promise<void> {
  const normal = normaliseEmail(email);
  if (normal === '') throw fail('is_blank', { field: 'email' });
  if (!isEmailAddress(normal)) throw fail('invalid_format', { field: 'email' });
  await throttles.resetAddress.take(addressBlock(address));
  await throttles.reset.take(normal);
  await queueSealed(db, { vault }, TASK, { email: normal });
}

/** The worker's part: mails a link where there is such a user, and does nothing else. */
export async function mailPasswordReset(
  deps: Pick<Deps, 'db' | 'ids' | 'clock' | 'config' | 'vault'>,
  payload: Sealed,
): Promise<void> {
  const { email } = openSealed(deps, TASK, payload) as { email: string };
  await inTransaction(deps.db, async (tx) => {
    if (!(await findForSignIn(tx, email))) return;
    const { url } = await createPasswordLink(tx, deps, email);
    await queueMail(tx, deps, passwordResetMail(email, url));
  });
}
