import { randomBytes } from 'node:crypto';
import type { Deps } from '../deps.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Mail } from '../mail/mail.ts';
import type { SessionKind } from '../portal/customer.ts';
import { sessionExpiry } from '../portal/rules.ts';
import { insertSession } from '../portal/session_queries.ts';
import { hashSecret } from '../users/principal.ts';

/** Name of the cookie of a customer who is signed in, since tests speak plain HTTP. */
export const CUSTOMER_COOKIE = 'continuity_my_session';

/** A customer's token, without a mail: for a program, or for a browser's cookie. */
export async function createPortalToken(
  { db, ids, clock }: Pick<Deps, 'db' | 'ids' | 'clock'>,
  email: string,
  kind: SessionKind = 'api',
): Promise<string> {
  const token = `${kind === 'api' ? 'ctm_' : ''}${randomBytes(32).toString('base64url')}`;
  const at = clock();
  const session = { id: ids.next(), email, kind, tokenHash: hashSecret(token), at, expiresAt: sessionExpiry(at) };
  await inTransaction(db, (tx) => insertSession(tx, session));
  return token;
}

/** The six digits that a message brings, alone on their line. */
export function codeIn({ text }: Mail): string {
  const [code] = /^\d{6}$/m.exec(text) ?? [];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}
