/**
 * Whom an operation speaks for (product.md, "Two surfaces"): it decides the status of field errors. `oauth2` speaks the
 * error body of RFC 6749 §5.2.
 */
export type Surface = 'delivery' | 'platform' | 'oauth2';

interface Entry {
  readonly delivery: number;
  readonly platform: number;
  readonly oauth2: number;
  readonly meaning: string;
}

const both = (status: number, meaning: string): Entry => ({
  delivery: status,
  platform: status,
  oauth2: status,
  meaning,
});
const field = (delivery: number, meaning: string): Entry => ({ delivery, platform: 403, oauth2: 400, meaning });

/** Every error code that leaves this server. The seed's table keeps its words; the rest fills what it leaves open. */
export const catalogue = {
  api_does_not_exists: both(400, 'The API endpoint you tried to request does not exists.'),
  invalid_json: both(400, 'The request body is not valid JSON.'),
  unauthorized: both(401, 'You did not provide authorization information, or it is invalid.'),
  account_suspended: both(401, 'The account has been suspended. Please contact our Support.'),
  payment_required: both(
    402,
    'The account ended the trial period without billing information, or has overdue invoices.',
  ),
  is_blank: field(400, 'The field is required, and cannot be blank.'),
  invalid_format: field(400, 'The field format is invalid.'),
  unknown_field: field(400, 'The field or query parameter is not known to this operation.'),
  is_reserved: field(400, 'The resource is reserved, and cannot be used.'),
  already_exists: field(409, 'The field has a non-unique value.'),
  already_taken: field(409, 'The e-mail address belongs to another account.'),
  resource_temporary_unavailable: field(409, 'The resource is not available at the moment. Retry later.'),
  insufficient_role: both(403, 'The role of the user is too low for this operation.'),
  insufficient_scope: both(403, 'The access token lacks the scope that this operation asks for.'),
  https_required: both(403, 'Plain HTTP is refused; use HTTPS.'),
  not_found: both(404, 'The resource you are looking for cannot be found.'),
  method_not_allowed: both(405, 'The path exists, but not with this method; see Allow.'),
  conflict: both(409, 'The resource is in a state that does not allow this.'),
  idempotency_key_reused: both(409, 'The Idempotency-Key was used before with another request.'),
  request_in_progress: both(409, 'A request with the same Idempotency-Key is still running.'),
  expired: both(410, 'The download token, or the mailed code or link, has expired.'),
  revoked: both(410, 'The download token was revoked.'),
  used_up: both(
    410,
    'The download token has reached its number of downloads, or the mailed code or link was used, or guessed too often.',
  ),
  payload_too_large: both(413, 'The request body is larger than this operation accepts.'),
  unsupported_media_type: both(415, 'The media type of the request body is not the documented one.'),
  range_not_satisfiable: both(416, 'No byte of the requested range exists.'),
  slow_down: both(429, 'Too many guesses, or too many codes asked for; wait as long as Retry-After says.'),
  internal_server_error: both(500, "Something went wrong on ContinuityApp's servers."),
  unavailable: both(503, 'The database or the storage is down or full. Retry later.'),
  // OAuth's own words (RFC 6749 §4.1.2.1 and §5.2).
  invalid_request: both(400, 'A parameter is missing, was sent twice, or is malformed.'),
  invalid_client: both(401, 'The application is not known, or did not prove who it is.'),
  invalid_grant: both(400, 'The code is wrong, expired or used, or was given to another application.'),
  unauthorized_client: both(400, 'The application may not do this.'),
  unsupported_grant_type: both(400, 'Only authorization_code is supported.'),
  unsupported_response_type: both(400, 'Only code and token are supported.'),
  invalid_scope: both(400, 'The scope is not known.'),
  access_denied: both(403, 'The user denied the request.'),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

/** Those that an OAuth client is told as they are. */
export const OAUTH_CODES: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'invalid_scope',
  'access_denied',
  'slow_down',
]);
