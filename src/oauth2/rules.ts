import { fail } from '../errors/fail.ts';
import { isScope, type Scope } from './scopes.ts';

/** Codes live ten minutes (RFC 6749 §4.1.2 recommends no more). */
export const CODE_LIFE = 10 * 60 * 1000;
const DEFAULT_SCOPE: Scope = 'user';
/** The SHA-256 of a verifier in base64url (RFC 7636 §4.2). */
const CODE_CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** Scopes separated by spaces (RFC 6749 §3.3) or commas (S2), each once; `user` where none is named. */
export function readScopes(text = ''): readonly Scope[] {
  const names = [...new Set(text.split(/[ ,]+/).filter(Boolean))];
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0) throw fail('invalid_scope');
  return names.length > 0 ? names.filter(isScope) : [DEFAULT_SCOPE];
}

/** PKCE with S256 alone; a public application must use it (RFC 9700 §2.1.1). */
export function checkChallenge(
  confidential: boolean,
  { code_challenge: challenge, code_challenge_method: method }: Readonly<Record<string, string>>,
): void {
  const refuse = (description: string) => fail('invalid_request', { description });
  if (challenge === undefined) {
    if (method !== undefined) throw refuse('code_challenge_method was sent without code_challenge.');
    if (!confidential) throw refuse('A public application must send a code_challenge (RFC 7636).');
    return;
  }
  if (method !== 'S256') throw refuse('code_challenge_method must be S256.');
  if (!CODE_CHALLENGE.test(challenge)) throw refuse('code_challenge must be a SHA-256 in base64url.');
}

export interface StoredCode {
  readonly application_id: string;
  readonly redirect_uri: string;
  readonly redirect_uri_sent: boolean;
  readonly code_challenge: string | null;
  readonly expires_at: Date;
  readonly user_suspended: boolean;
}

/** Whether a code that was not used before may be exchanged by this application with this form (RFC 6749 §4.1.3). */
export function checkCode(code: StoredCode, form: Readonly<Record<string, string>>, now: Date): void {
  const refuse = (description?: string) => fail('invalid_grant', description === undefined ? {} : { description });
  if (code.expires_at <= now || code.user_suspended) throw refuse();
  const { redirect_uri: redirectUri, code_verifier: verifier } = form;
  if (redirectUri === undefined && code.redirect_uri_sent)
    throw fail('invalid_request', { description: 'redirect_uri is missing: it was in the authorization request.' });
  if (redirectUri !== undefined && redirectUri !== code.redirect_uri)
    throw refuse('redirect_uri is another than in the authorization request.');
  // A verifier nobody asked for: the challenge was stripped on the way (RFC 9700 §4.8.2).
  if (verifier !== undefined && code.code_challenge === null)
    throw refuse('There was no code_challenge in the authorization request.');
}
