import { Failure, failFields } from '../errors/fail.ts';
import { fieldErrors, type Wording } from '../pages/messages.ts';
import type { SuiteRow } from '../suites/queries.ts';
import { type Errors, NAMING, textIn } from './typed.ts';

/** What stands in the fields of a suite's form, as it was typed. */
export interface TypedSuite {
  readonly name: string;
  readonly description: string;
  readonly command: string;
  /** `NAME=value`, one per line; undefined where a value of several lines was set through the API, which stays. */
  readonly environment: string | undefined;
  readonly timeout: string;
  readonly artifactPath: string;
}

export const NO_SUITE: TypedSuite = {
  ...{ name: '', description: '', command: '', environment: '', timeout: '3600', artifactPath: '' },
};

export function suiteIn(form: URLSearchParams): TypedSuite {
  return {
    name: textIn(form, 'name').trim(),
    description: textIn(form, 'description').trim(),
    command: textIn(form, 'command'),
    environment: form.has('environment') ? textIn(form, 'environment') : undefined,
    timeout: textIn(form, 'timeout_seconds').trim(),
    artifactPath: textIn(form, 'artifact_path').trim(),
  };
}

export function typedSuiteOf(row: SuiteRow): TypedSuite {
  const { name, description, command, environment, timeout_seconds, artifact_path } = row;
  const lines = Object.entries(environment as Record<string, string>).map((pair) => pair.join('='));
  return {
    ...{ name, description, command },
    environment: lines.some((line) => /[\r\n]/.test(line)) ? undefined : lines.join('\n'),
    timeout: String(timeout_seconds),
    artifactPath: artifact_path ?? '',
  };
}

/** The same fields as the API takes them. Fails where a line of the environment is none, or a name stands there twice. */
export function suiteFields({ name, description, command, environment, timeout, artifactPath }: TypedSuite) {
  return {
    ...{ name, description, command },
    ...(environment === undefined ? {} : { environment: environmentIn(environment) }),
    timeout_seconds: /^[0-9]{1,6}$/.test(timeout) ? Number(timeout) : 0,
    artifact_path: artifactPath,
  };
}

function environmentIn(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1)]);
  const environment = Object.fromEntries(pairs) as Record<string, string>;
  if (!lines.every((line) => line.includes('=')) || Object.keys(environment).length !== pairs.length)
    throw failFields({ environment: ['invalid_format'] });
  return environment;
}

const NAMES = 'Take one NAME=value per line, each name once: letters, digits and _, without a digit in front.';
const WORDING: Wording = {
  ...NAMING,
  name: { ...NAMING.name, already_exists: 'The project has a suite of this name.' },
  command: { is_blank: 'Say what to run.', invalid_format: 'A command has at most 10,000 characters.' },
  environment: { invalid_format: `${NAMES} All of it has at most 32 KiB.` },
  timeout_seconds: { invalid_format: 'Between 1 second and 86400, which is a day.' },
  artifact_path: { invalid_format: 'A folder below that of the repository, such as dist.' },
};

/** What is wrong with each field; rethrows what is no field's fault. */
export function suiteErrors(error: unknown): Errors {
  const errors = fieldErrors(error, WORDING);
  const failing =
    error instanceof Failure && Object.keys(error.fields).some((field) => field.startsWith('environment.'));
  return failing ? { ...errors, environment: NAMES } : errors;
}
