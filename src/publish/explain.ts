import { PublishError } from './publish_error.ts';

const ADVICE: Record<string, string> = {
  unauthorized: 'the API key was not accepted: set CONTINUITY_API_KEY to a key of yours',
  account_suspended: 'the account is suspended: ask whoever runs the server',
  payment_required: 'the trial has ended or an invoice is overdue: settle the billing first',
  insufficient_role: 'your role does not allow this: use the key of an admin or owner',
  insufficient_scope: 'the token lacks the scope for this: use a personal API key',
  https_required: 'the server wants https: change CONTINUITY_URL',
  api_does_not_exists: 'this is not the address of a Continuity server: check CONTINUITY_URL',
  not_found: 'the server does not know it, or it belongs to another organisation',
  is_blank: 'it is missing',
  invalid_format: 'it is not valid',
  unknown_field: 'the server does not know this field: server and command may differ in version',
  is_reserved: 'this name is reserved: choose another',
  already_exists: 'it exists already',
  conflict: 'something else changed at the same time: run the command again',
  payload_too_large: 'it is larger than the server accepts',
  slow_down: 'too many tries: wait a little',
  unavailable: 'the server is overloaded or its storage is full: what was uploaded stays there, run the command again',
  internal_server_error: 'the server failed: its log says why',
};

/** The error for an answer of the server: `doing` is what was tried. */
export function explain(doing: string, { status, json }: { status: number; json: unknown }): PublishError {
  const pairs = fieldCodes(json);
  const codes = pairs.map(([field, code]) => `${field}: ${code}`);
  const lines = pairs.map(([field, code]) => {
    const advice = code === 'already_exists' && field === 'version' ? VERSION_TAKEN : (ADVICE[code] ?? code);
    return field === 'generic' ? advice : `${field}: ${advice}`;
  });
  const why = lines.length > 0 ? lines.join('\n  ') : `the server answered ${status}`;
  return new PublishError(`Error while ${doing}:\n  ${why}`, { status, codes });
}

const VERSION_TAKEN = 'this version exists with other content and cannot be changed: choose another version number';

export function versionTaken(version: string): PublishError {
  return new PublishError(`${version}: ${VERSION_TAKEN}`, { status: 409, codes: ['version: already_exists'] });
}

/** The pairs of `{"error": {"<field>": ["<code>"]}}`; whatever has another shape gives none. */
function fieldCodes(json: unknown): [string, string][] {
  if (typeof json !== 'object' || json === null || !('error' in json)) return [];
  const { error } = json;
  if (typeof error !== 'object' || error === null) return [];
  return Object.entries(error).flatMap(([field, codes]) =>
    Array.isArray(codes) ? codes.map((code): [string, string] => [field, String(code)]) : [],
  );
}
