import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { type Failure, fail } from '../errors/fail.ts';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

/** How long a mailed code and the link beside it work. */
export const CODE_MINUTES = 10;
/** Guesses that one code bears. */
export const CODE_TRIES = 5;
export const SESSION_DAYS = 30;

/** What a mail brings to whoever reads the mailbox; either of the two signs in, once. */
export interface Proofs {
  /** Six digits, to type. */
  readonly code: string;
  /** Of the link. */
  readonly token: string;
}

export function drawProofs(): Proofs {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  return { code, token: randomBytes(32).toString('base64url') };
}

/** Names a request for a code; only the browser or program that asked has it. */
export function drawRequestId(): string {
  return randomBytes(32).toString('base64url');
}

export function codeExpiry(at: Date): Date {
  return new Date(at.getTime() + CODE_MINUTES * MINUTE);
}

export function sessionExpiry(at: Date): Date {
  return new Date(at.getTime() + SESSION_DAYS * DAY);
}

/**
 * The form in which a code is stored. A million codes are tried in no time, so the hash is keyed with the request's id,
 * which the database does not hold: whoever reads it learns no code.
 */
export function hashCode(requestId: string, code: string): Buffer {
  return createHmac('sha256', requestId).update(code).digest();
}

export function isCode(stored: Buffer, requestId: string, code: string): boolean {
  return timingSafeEqual(stored, hashCode(requestId, code));
}

export interface CodeState {
  readonly tries: number;
  readonly expires_at: Date;
  readonly used_at: Date | null;
}

/** Why the code or link of a request does not work; `undefined` where the request bears another try. */
export function refusalOf(state: CodeState | undefined, field: string, at: Date): Failure | undefined {
  if (!state) return fail('not_found', { field });
  if (state.used_at !== null || state.tries >= CODE_TRIES) return fail('used_up', { field });
  return state.expires_at <= at ? fail('expired', { field }) : undefined;
}
