import { BlobMissing, BlobStoreFull, BlobStoreUnavailable } from '../blobs/store.ts';
import { codeOf } from '../db/sqlstate.ts';
import { catalogue, type ErrorCode, OAUTH_CODES, type Surface } from './catalogue.ts';
import { Failure, type FieldErrors, fail } from './fail.ts';

export interface WireError {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { error: FieldErrors } | { error: string; error_description: string };
}

const STORAGE = [BlobStoreFull, BlobStoreUnavailable, BlobMissing];
const RETRY_AFTER = { 'Retry-After': '1' };

/** What any thrown value is to the outside. An unknown one is `internal_server_error`, never its own text. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (codeOf(thrown) === 'unavailable') return fail('unavailable', { cause: thrown });
  if (STORAGE.some((kind) => thrown instanceof kind)) return fail('unavailable', { cause: thrown });
  if (codeOf(thrown) === 'unauthorized') return fail('unauthorized', { cause: thrown });
  if (codeOf(thrown) === 'conflict') return fail('unavailable', { cause: thrown });
  return fail('internal_server_error', { cause: thrown });
}

/** The one error serialiser: status per surface, body, and the headers that the status demands. */
export function presentFailure(failure: Failure, surface: Surface): WireError {
  const status = failure.status ?? catalogue[failure.code][surface];
  const headers = { ...required(failure.code), ...failure.headers };
  return { status, headers, body: (surface === 'oauth2' && oauthBody(failure)) || { error: failure.fields } };
}

/** What OAuth calls errors that can happen anywhere. */
const OAUTH_WORDS: Partial<Record<ErrorCode, string>> = {
  payload_too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  internal_server_error: 'server_error',
  unavailable: 'temporarily_unavailable',
};

/** The body of RFC 6749 §5.2; none for errors that belong to no operation, which look the same everywhere. */
function oauthBody({ code, description }: Failure): { error: string; error_description: string } | undefined {
  const error = OAUTH_WORDS[code] ?? (OAUTH_CODES.has(code) ? code : undefined);
  return error === undefined ? undefined : { error, error_description: description };
}

function required(code: Failure['code']): Record<string, string> {
  if (code === 'unauthorized' || code === 'account_suspended') {
    return { 'WWW-Authenticate': 'Bearer realm="Continuity", Basic realm="Continuity", charset="UTF-8"' };
  }
  if (code === 'invalid_client') return { 'WWW-Authenticate': 'Basic realm="Continuity", charset="UTF-8"' };
  return code === 'unavailable' || code === 'resource_temporary_unavailable' ? RETRY_AFTER : {};
}
