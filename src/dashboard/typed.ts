import type { Wording } from '../pages/messages.ts';

/** What is wrong with the fields of a form, by their names. */
export type Errors = Readonly<Record<string, string>>;

/** Browsers send lines with CRLF (HTML, "multipart/form-data and x-www-form-urlencoded"). */
export function textIn(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? '').replaceAll('\r\n', '\n');
}

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Of the fields that projects, suites and applications have alike. */
export const NAMING = {
  name: { is_blank: 'Give it a name.', invalid_format: 'A name has at most 100 characters, all in one line.' },
  description: { invalid_format: 'A description has at most 1000 characters.' },
} as const satisfies Wording;

/** Fields that are shown again with what was typed into them, and what is wrong with it. */
export const typedInto = (errors: Errors) => (name: string, value: string | undefined) => ({
  ...{ name, value },
  error: errors[name],
});
