import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import type { PageUser } from '../sessions/queries.ts';
import { verifyPassword } from './password.ts';
import { findPasswordHash } from './password_queries.ts';

type Needs = Pick<Deps, 'db' | 'throttles'>;

/**
 * Whoever sits at an open browser must know the password to change how the account is signed in to. Answers what is
 * stored for it. Fails with `is_blank` or `invalid_format` at `current_password`, or `slow_down`.
 */
export async function provePassword(
  { db, throttles }: Needs,
  { organisationId, userId }: Pick<PageUser, 'organisationId' | 'userId'>,
  password: string,
): Promise<string> {
  const field = 'current_password';
  if (password === '') throw fail('is_blank', { field });
  // Not counted with sign-ins: those anybody can use up.
  const key = `signed in ${userId}`;
  await throttles.signInPair.take(key);
  const stored = await findPasswordHash(db, organisationId, userId);
  if (!(await verifyPassword(stored, password)) || stored === null) throw fail('invalid_format', { field });
  await throttles.signInPair.clear(key);
  return stored;
}
