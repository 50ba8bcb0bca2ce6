import type { ApplicationRow } from '../applications/queries.ts';
import { Failure } from '../errors/fail.ts';
import { checkRedirectUri } from '../oauth2/redirect_uri.ts';
import { fieldErrors, type Wording } from '../pages/messages.ts';
import { type Errors, linesOf, NAMING, textIn } from './typed.ts';

/** What stands in the fields of an application's form, as it was typed. */
export interface Typed {
  readonly name: string;
  readonly description: string;
  /** One per line. */
  readonly redirectUris: string;
  readonly implicit: boolean;
}

export const NOTHING_TYPED: Typed = { name: '', description: '', redirectUris: '', implicit: false };

export function typedIn(form: URLSearchParams): Typed {
  return {
    name: textIn(form, 'name').trim(),
    description: textIn(form, 'description').trim(),
    redirectUris: textIn(form, 'redirect_uris'),
    implicit: form.has('implicit'),
  };
}

export function typedOf({ name, description, redirect_uris: uris, implicit }: ApplicationRow): Typed {
  return { name, description, redirectUris: uris.join('\n'), implicit };
}

/** The same fields as the API takes them. */
export function fieldsOf({ redirectUris, ...fields }: Typed) {
  return { ...fields, redirect_uris: linesOf(redirectUris) };
}

const WORDING: Wording = {
  ...NAMING,
  redirect_uris: { is_blank: 'Enter at least one.', invalid_format: 'Enter 20 at most.' },
};

/** What is wrong with each field; rethrows what is no field's fault. */
export function applicationErrors(error: unknown, { redirectUris }: Typed): Errors {
  const errors = fieldErrors(error, WORDING);
  if (!(error instanceof Failure)) return errors;
  const lines = linesOf(redirectUris);
  const failing = lines.filter((_line, index) => `redirect_uris.${index}` in error.fields);
  return failing.length === 0 ? errors : { ...errors, redirect_uris: refusedUris(failing) };
}

function refusedUris(lines: readonly string[]): string {
  const twice = lines.filter((line) => checkRedirectUri(line) === undefined);
  const wrong = lines.filter((line) => !twice.includes(line));
  const sentences = [
    wrong.length > 0 &&
      `This cannot be used: ${quoted(wrong)}. Take a whole https:// or http:// address without “#”, or a scheme of your own with a dot in it, such as com.example.app:/callback.`,
    twice.length > 0 && `This is there twice: ${quoted(twice)}.`,
  ];
  return sentences.filter(Boolean).join(' ');
}

const LONGEST_QUOTE = 80;

/** Isolated (FSI and PDI of the Unicode Bidirectional Algorithm): the lines may run from right to left. */
function quoted(lines: readonly string[]): string {
  return lines.map((line) => `\u2068${line.slice(0, LONGEST_QUOTE)}\u2069`).join(', ');
}
