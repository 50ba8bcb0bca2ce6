import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { recordEvent } from '../events/record.ts';
import { createSession } from '../sessions/actions.ts';
import { addressBlock } from '../throttles/address_block.ts';
import type { Throttle } from '../throttles/throttles.ts';
import { openDevice, sealDevice } from './device.ts';
import { normaliseEmail } from './email.ts';
import { hashPassword, isOutdated, verifyPassword } from './password.ts';
import { findForSignIn, forgoFlush, lockUser, setPasswordHash } from './password_queries.ts';

export interface SignIn {
  readonly email: string;
  readonly password: string;
  readonly address: string;
  readonly userAgent: string;
  /** What an earlier sign-in gave this browser. */
  readonly device?: string | undefined;
  /** Token of the session that this browser had before: it ends. */
  readonly replaces?: string | undefined;
}

export interface SignedIn {
  readonly userId: string;
  /** Of the new session; for the browser's cookie only. */
  readonly token: string;
  /** For the browser to keep and to show at the next sign-in. */
  readonly device: string;
}

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'vault' | 'throttles'>;

/**
 * Signs a user in by password. Fails with `slow_down` after too many tries, else with `unauthorized`, which says neither
 * by its words nor by the time it takes whether there is such a user.
 */
export async function signIn(deps: Needs, attempt: SignIn): Promise<SignedIn> {
  const email = normaliseEmail(attempt.email);
  const counted = countedBy(deps, email, attempt);
  for (const { throttle, key } of counted) await throttle.take(key);
  const user = await findForSignIn(deps.db, email);
  const stored = user?.password_hash ?? null;
  if (!(await verifyPassword(stored, attempt.password)) || !user || stored === null) {
    await recordRefusal(deps, email, attempt.address);
    throw fail('unauthorized');
  }
  const rehashed = isOutdated(stored) ? await hashPassword(attempt.password) : undefined;
  const { token } = await inTransaction(deps.db, async (tx) => {
    // Since it was compared, the password may have been changed and every session ended.
    const locked = await lockUser(tx, user.organisation_id, user.id);
    if (locked?.password_hash !== stored) throw fail('unauthorized');
    if (rehashed) await setPasswordHash(tx, user.organisation_id, user.id, rehashed);
    return createSession(tx, deps, { ...attempt, userId: user.id });
  });
  for (const { throttle, key, own } of counted) await (own ? throttle.clear(key) : throttle.give(key));
  return { userId: user.id, token, device: sealDevice(deps, email) };
}

interface Counted {
  readonly throttle: Throttle;
  readonly key: string;
  /** Counts this account only. What others count on too gets back no more than this try. */
  readonly own: boolean;
}

/**
 * What a try counts against. A browser that the account signed in from before has a count of its own: whoever guesses,
 * even from the same address, locks the owner out of none of their browsers.
 */
function countedBy({ vault, throttles }: Needs, email: string, { address, device }: SignIn): readonly Counted[] {
  const known = device === undefined ? undefined : openDevice({ vault }, email, device);
  const { signInPair, signInAddress, signInAccount } = throttles;
  if (known !== undefined) return [{ throttle: signInPair, key: `${email} device ${known}`, own: true }];
  const block = addressBlock(address);
  return [
    { throttle: signInAddress, key: block, own: false },
    { throttle: signInPair, key: `${email} ${block}`, own: true },
    { throttle: signInAccount, key: email, own: true },
  ];
}

/** Without a wait for the disk, which would tell by the time it takes that there is such a user. */
async function recordRefusal({ db, ids }: Needs, email: string, address: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    await forgoFlush(tx);
    const user = await findForSignIn(tx, email);
    if (!user) return;
    const { id: userId, organisation_id: organisationId } = user;
    await recordEvent(tx, { id: ids.next(), organisationId, type: 'session.refused', userId, data: { address } });
  });
}
