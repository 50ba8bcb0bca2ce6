import type { Deps } from '../deps.ts';
import { inTransaction } from '../db/transaction.ts';
import { fail } from '../errors/fail.ts';
import { queueSealed } from '../tasks/sealed.ts';
import { addressBlock } from '../throttles/address_block.ts';
import { mayBeEmailAddress, normaliseEmail } from '../users/email.ts';
import { insertCode } from './code_queries.ts';
import { codeExpiry, drawProofs, drawRequestId, hashCode, type Proofs } from './rules.ts';

export const CODE_TASK = 'portal_code';

/** What the worker needs to write the mail. */
export interface CodeOrder extends Proofs {
  /** Names the message. */
  readonly id: string;
  readonly email: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export interface Asked {
  readonly requestId: string;
  readonly expiresAt: Date;
}

/**
 * Takes the wish for a code. Whether anybody bought under the address is looked up by the worker alone, so that neither
 * the answer nor its time tells. Fails with `is_blank` or `invalid_format` at `email`, or with `slow_down`.
 * @param address of the network, that the request came from
 */
export async function askCode(
  { db, ids, clock, vault, throttles }: Pick<Deps, 'db' | 'ids' | 'clock' | 'vault' | 'throttles'>,
  address: string,
  typed: string,
): Promise<Asked> {
  const email = normaliseEmail(typed);
  if (email === '') throw fail('is_blank', { field: 'email' });
  if (!mayBeEmailAddress(email)) throw fail('invalid_format', { field: 'email' });
  await throttles.portalCodeAddress.take(addressBlock(address));
  await throttles.portalCode.take(email);
  const at = clock();
  const expiresAt = codeExpiry(at);
  const requestId = drawRequestId();
  const proofs = drawProofs();
  const id = ids.next();
  const order: CodeOrder = { ...proofs, id, email, expiresAt: expiresAt.toISOString() };
  await inTransaction(db, async (tx) => {
    const codeHash = hashCode(requestId, proofs.code);
    await insertCode(tx, { id, requestId, email, codeHash, token: proofs.token, at, expiresAt });
    await queueSealed(tx, { vault }, CODE_TASK, order);
  });
  return { requestId, expiresAt };
}
