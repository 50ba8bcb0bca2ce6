import { type FieldErrors, fail, failFields } from '../errors/fail.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** Of all names and values of a suite's environment together. */
const MOST_BYTES = 32 * 1024;
export const MOST_SECRETS = 100;

export interface SuiteText {
  readonly name?: string | undefined;
  readonly command?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly artifact_path?: string | undefined;
}

/** Throws every field that fails beyond what the document's schema says; a field that is absent stays as it is. */
export function requireValid({ name, command, environment = {}, artifact_path: path = '' }: SuiteText): void {
  const failing: FieldErrors = {};
  if (name?.trim() === '') failing['name'] = ['is_blank'];
  if (command?.trim() === '') failing['command'] = ['is_blank'];
  const variables = Object.entries(environment);
  for (const [variable] of variables) if (!NAME.test(variable)) failing[`environment.${variable}`] = ['invalid_format'];
  const bytes = variables.reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (bytes > MOST_BYTES) failing['environment'] = ['invalid_format'];
  if (path !== '' && !isBelow(path)) failing['artifact_path'] = ['invalid_format'];
  if (Object.keys(failing).length > 0) throw failFields(failing);
}

/** Fails with `invalid_format` at `name` for what is no name of an environment variable (POSIX.1-2017 §8.1). */
export function requireVariable(name: string): void {
  if (!NAME.test(name)) throw fail('invalid_format', { field: 'name' });
}

/** Whether the path leads to something below the folder that it starts from, as written; links are the runner's to see. */
function isBelow(path: string): boolean {
  if (/[\p{Cc}\\]/u.test(path)) return false;
  return path.split('/').every((segment) => !['', '.', '..'].includes(segment));
}
