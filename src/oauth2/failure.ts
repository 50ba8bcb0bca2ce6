import { isOAuthError } from '@jmondi/oauth2-server';
import { type ErrorCode, OAUTH_CODES } from '../errors/catalogue.ts';
import { Failure, fail } from '../errors/fail.ts';

/** What RFC 6749 §5.2 lets stand in a description; the library quotes freely. */
const UNSENDABLE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** An OAuth error of ours or of the library, for the client; rethrows what is none. */
export function oauthFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure && OAUTH_CODES.has(thrown.code)) return thrown;
  if (!isOAuthError(thrown)) throw thrown;
  const { errorType, errorDescription = '' } = thrown;
  if (!OAUTH_CODES.has(errorType as ErrorCode)) throw thrown;
  const description = errorDescription.replaceAll(UNSENDABLE, '');
  return fail(errorType as ErrorCode, { cause: thrown, ...(description === '' ? {} : { description }) });
}

/**
 * Runs `work` and answers its OAuth error instead of throwing it, so that a transaction around it commits: what a refusal
 * has written (a replayed code revokes its tokens) stays. Anything else is thrown.
 */
export async function refusable<T>(work: () => Promise<T>): Promise<T | Failure> {
  try {
    return await work();
  } catch (thrown) {
    return oauthFailure(thrown);
  }
}
