import { Failure } from '../errors/fail.ts';
import { fieldErrors, type Wording } from '../pages/messages.ts';
import type { ProjectRow } from '../projects/queries.ts';
import type { KeyType } from '../projects/ssh_key.ts';
import { type Errors, linesOf, NAMING, textIn } from './typed.ts';

/** What stands in the fields of a project's form, as it was typed. */
export interface TypedProject {
  readonly name: string;
  readonly repositoryUrl: string;
  readonly description: string;
  /** One per line. */
  readonly branches: string;
  readonly knownHosts: string;
  readonly keyType: KeyType;
}

export const NO_PROJECT: TypedProject = {
  name: '',
  repositoryUrl: '',
  description: '',
  branches: '',
  knownHosts: '',
  keyType: 'ed25519',
};

export function projectIn(form: URLSearchParams): TypedProject {
  return {
    name: textIn(form, 'name').trim(),
    repositoryUrl: textIn(form, 'repository_url').trim(),
    description: textIn(form, 'description').trim(),
    branches: textIn(form, 'branches'),
    knownHosts: textIn(form, 'known_hosts').trim(),
    keyType: form.get('key_type') === 'rsa' ? 'rsa' : 'ed25519',
  };
}

export function typedOf({ name, repository_url, description, branches, known_hosts }: ProjectRow): TypedProject {
  return {
    ...{ name, description, keyType: 'ed25519' },
    repositoryUrl: repository_url,
    branches: branches.join('\n'),
    knownHosts: known_hosts ?? '',
  };
}

/** The same fields as the API takes them, but for the key, which is chosen once. */
export function fieldsOf({ name, repositoryUrl, description, branches, knownHosts }: TypedProject) {
  return {
    ...{ name, description },
    repository_url: repositoryUrl,
    branches: linesOf(branches),
    known_hosts: knownHosts,
  };
}

const WORDING: Wording = {
  ...NAMING,
  repository_url: {
    is_blank: 'Say where the code is.',
    invalid_format:
      'Take an address such as git@host:path, ssh://host/path, https://host/path or git://host/path, without a password.',
  },
  branches: { invalid_format: 'Enter 100 at most.' },
  known_hosts: { invalid_format: 'Take lines of a known_hosts file, 16,384 characters at most.' },
};

/** What is wrong with each field; rethrows what is no field's fault. */
export function projectErrors(error: unknown): Errors {
  const errors = fieldErrors(error, WORDING);
  const failing = error instanceof Failure && Object.keys(error.fields).some((field) => field.startsWith('branches.'));
  return failing ? { ...errors, branches: 'Each line is the name of a branch, and stands there once.' } : errors;
}
