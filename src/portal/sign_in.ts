import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { addressBlock } from '../throttles/address_block.ts';
import { hashSecret } from '../users/principal.ts';
import { findByLink, findByRequest, markUsed, takeTry } from './code_queries.ts';
import { refusedCustomer, type SessionKind } from './customer.ts';
import { isCode, refusalOf, sessionExpiry } from './rules.ts';
import { deleteSessionByToken, insertSession } from './session_queries.ts';

type Needs = Pick<Deps, 'db' | 'ids' | 'clock' | 'throttles'>;

export interface SignIn {
  /** Where the session will live. */
  readonly kind: SessionKind;
  /** Of the network. */
  readonly address: string;
  /** Token of the session that this browser had before: it ends. */
  readonly replaces?: string | undefined;
}

export interface SignedIn {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Signs in whoever asked for the code and now knows it. Fails with `unauthorized` at `code` for a wrong one; with
 * `used_up`, `expired` or `not_found` at `requestId` where another code must be asked for; with `slow_down`.
 */
export async function signInByCode(
  deps: Needs,
  { requestId, code }: { readonly requestId: string; readonly code: string },
  signIn: SignIn,
): Promise<SignedIn> {
  const { db, clock, throttles } = deps;
  const block = addressBlock(signIn.address);
  await throttles.portalGuessAddress.take(block);
  const at = clock();
  const row = await takeTry(db, requestId, at);
  if (!row) throw refusalOf(await findByRequest(db, requestId), 'requestId', at) ?? usedUp('requestId');
  if (!isCode(row.code_hash, requestId, code)) throw refusedCustomer('code');
  await throttles.portalGuessAddress.give(block);
  return inTransaction(db, async (tx) => {
    if (!(await markUsed(tx, row.email, row.id, at))) throw usedUp('requestId');
    return createSession(tx, deps, row.email, signIn);
  });
}

/** The address that a mailed link proves. It is only looked at. Fails with `used_up`, `expired` or `not_found`. */
export async function addressOfLink({ db, clock }: Needs, token: string): Promise<string> {
  return (await requireLink(db, token, clock())).email;
}

/** Signs in whoever has the mailed link: it needs no browser that asked. Fails as `addressOfLink` does. */
export async function signInByLink(deps: Needs, token: string, signIn: SignIn): Promise<SignedIn> {
  const at = deps.clock();
  return inTransaction(deps.db, async (tx) => {
    const { id, email } = await requireLink(tx, token, at);
    if (!(await markUsed(tx, email, id, at))) throw usedUp('token');
    return createSession(tx, deps, email, signIn);
  });
}

/** Wrong guesses of the code are no matter of the link. */
async function requireLink(db: Needs['db'], token: string, at: Date) {
  const row = await findByLink(db, token);
  const refusal = refusalOf(row && { ...row, tries: 0 }, 'token', at);
  if (refusal || !row) throw refusal ?? fail('not_found', { field: 'token' });
  return row;
}

const usedUp = (field: string) => fail('used_up', { field });

const PREFIX: Record<SessionKind, string> = { browser: '', api: 'ctm_' };

async function createSession(
  tx: Transaction<DB>,
  { ids, clock }: Needs,
  email: string,
  { kind, replaces }: SignIn,
): Promise<SignedIn> {
  if (replaces !== undefined) await deleteSessionByToken(tx, hashSecret(replaces));
  const token = `${PREFIX[kind]}${randomBytes(32).toString('base64url')}`;
  const at = clock();
  const expiresAt = sessionExpiry(at);
  await insertSession(tx, { id: ids.next(), email, kind, tokenHash: hashSecret(token), at, expiresAt });
  return { token, expiresAt };
}
