import { catalogue, type ErrorCode } from './catalogue.ts';

/** Failing fields and their codes, as they go out: `{"slug": ["already_exists"]}`; `generic` where no field is to blame. */
export type FieldErrors = Record<string, ErrorCode[]>;

interface Options {
  /** The request field or query parameter that is to blame; `generic` when left out. */
  field?: string;
  /** Response headers that belong to the error, such as `Retry-After` (seconds). */
  headers?: Record<string, string>;
  /** Overrides the catalogue's status, for the one code that has two (a suspended organisation's link is 403). */
  status?: number;
  /** What went wrong, for the developer of an OAuth client; the catalogue's meaning where left out. */
  description?: string;
  /** For the log only; never sent. */
  cause?: unknown;
}

/** An error that the catalogue knows. The serialiser turns it into a status and a body; nothing else does. */
export class Failure extends Error {
  readonly fields: FieldErrors;
  readonly headers: Record<string, string>;
  readonly status: number | undefined;
  /** ASCII without quotes and backslashes (RFC 6749 §5.2). */
  readonly description: string;

  constructor(
    readonly code: ErrorCode,
    fields: FieldErrors,
    { headers = {}, status, description, cause }: Options = {},
  ) {
    super(code, { cause });
    this.fields = fields;
    this.headers = headers;
    this.status = status;
    this.description = description ?? catalogue[code].meaning;
  }
}

export function fail(code: ErrorCode, options: Options = {}): Failure {
  return new Failure(code, { [options.field ?? 'generic']: [code] }, options);
}

/** Several failing fields at once; the status is that of the first code, so they must share one. */
export function failFields(fields: FieldErrors): Failure {
  const first = Object.values(fields)[0]?.[0];
  return new Failure(first ?? 'invalid_format', fields);
}
