import { ConfigError } from '../config.ts';
import { Failure } from '../errors/fail.ts';

const WORDS: Record<string, string> = {
  already_exists: 'exists already',
  already_taken: 'belongs to another account',
  invalid_format: 'has the wrong format',
  is_reserved: 'is reserved',
  is_blank: 'is missing',
  not_found: 'does not exist',
};

/** What went wrong, on standard error: a sentence, or with --json the error body of the API. Exit code 1; 2 for a wrong configuration. */
export function reportFailure(error: unknown, json: boolean): void {
  process.exitCode = error instanceof ConfigError ? 2 : 1;
  if (json) {
    console.error(
      JSON.stringify(error instanceof Failure ? { error: error.fields } : { error: { generic: [sentence(error)] } }),
    );
  } else {
    console.error(`continuity: ${sentence(error)}`);
  }
}

function sentence(error: unknown): string {
  if (error instanceof Failure) {
    return Object.entries(error.fields)
      .map(([field, codes]) => `${field} ${codes.map((code) => WORDS[code] ?? code).join(', ')}`)
      .join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') return portTaken(error);
  // A connection that was tried over several addresses has its reasons inside.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(sentence).join('; ');
  return error.message;
}

function portTaken(error: Error & { port?: unknown }): string {
  const port = String(error.port ?? '');
  return `port ${port} is in use by another program; set PORT (or ADMIN_PORT, for metrics) to another one`;
}
