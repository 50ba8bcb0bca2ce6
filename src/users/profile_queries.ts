import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { codeOf } from '../db/sqlstate.ts';
import { fail } from '../errors/fail.ts';
import { lockUser } from './password_queries.ts';

export async function setName(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  name: string | null,
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ name })
    .where('organisation_id', '=', organisationId)
    .where('id', '=', userId)
    .execute();
}

/** Answers the address before. Fails with `already_taken` when it belongs to somebody else. */
export async function setEmail(
  tx: Transaction<DB>,
  organisationId: string,
  userId: string,
  email: string,
): Promise<string> {
  const user = await lockUser(tx, organisationId, userId);
  if (!user) throw fail('not_found', { field: 'token' });
  try {
    await tx
      .updateTable('users')
      .set({ email })
      .where('organisation_id', '=', organisationId)
      .where('id', '=', userId)
      .execute();
  } catch (error) {
    throw codeOf(error) === 'already_exists' ? fail('already_taken', { field: 'email', cause: error }) : error;
  }
  return user.email;
}
