import { randomBytes } from 'node:crypto';
import { type FieldErrors, failFields } from '../errors/fail.ts';

/** A new secret for push hooks: `cth_` and 32 random bytes in base64url. */
export function newHookSecret(): string {
  return `cth_${randomBytes(32).toString('base64url')}`;
}

/** Where a push hook sends to. */
export const hookUrl = (publicUrl: string, projectId: string): string => `${publicUrl}/hooks/github/${projectId}`;

export interface ProjectText {
  readonly name?: string | undefined;
  readonly repository_url?: string | undefined;
  readonly branches?: readonly string[] | undefined;
}

/** Throws every field that fails beyond what the document's schema says; a field that is absent stays as it is. */
export function requireValid({ name, repository_url: url, branches = [] }: ProjectText): void {
  const failing: FieldErrors = {};
  if (name?.trim() === '') failing['name'] = ['is_blank'];
  if (url !== undefined && !isRepositoryUrl(url)) failing['repository_url'] = ['invalid_format'];
  branches.forEach((branch, index) => {
    if (!isBranch(branch) || branches.indexOf(branch) < index) failing[`branches.${index}`] = ['invalid_format'];
  });
  if (Object.keys(failing).length > 0) throw failFields(failing);
}

const USER = '[A-Za-z0-9_][A-Za-z0-9._-]*';
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const HOST = `(?:${NAME}|\\[[0-9A-Fa-f:.]+\\])`;
const PORT = '(?::[1-9][0-9]{0,4})?';
/** No query and no fragment, where tokens hide; no `\`, which programs take for `/` or not. */
const PATH = '[^?#\\\\]+';
const FORMS = [
  new RegExp(`^ssh://(?:${USER}@)?${HOST}${PORT}/${PATH}$`),
  // A user before the host of these is a password, or the start of one.
  new RegExp(`^(?:https|git)://${HOST}${PORT}/${PATH}$`),
  // What git calls scp-like. A path like `-x` would be an option of the program at the other end, `:` a transport helper.
  new RegExp(`^${USER}@${HOST}:(?![-:])${PATH}$`),
];
/** Whether it is fetched over ssh, where the other end shows a host key. */
export const isSsh = (url: string): boolean => url.startsWith('ssh://') || !url.includes('://');

const UNSEEN = /[\p{C}\p{Z}]/u;
const CONTROL = /\p{Cc}/u;

/**
 * Whether it names a repository that a runner fetches over a network, and nothing else: git reads options, other
 * transports (`ext::` runs a command) and files of the runner out of the same word.
 */
export function isRepositoryUrl(url: string): boolean {
  const plain = decoded(url);
  return plain !== undefined && !CONTROL.test(plain) && !UNSEEN.test(url) && FORMS.some((form) => form.test(url));
}

/** Percent-encoding must not hide what is refused otherwise, such as the end of a line. */
function decoded(url: string): string | undefined {
  try {
    return decodeURIComponent(url);
  } catch {
    return undefined;
  }
}

/** By the rules of git-check-ref-format(1), as far as they keep names apart from options; `*` stands for any characters. */
export function isBranch(name: string): boolean {
  if (/[\x00-\x20\x7f~^:?[\\]|\.\.|@\{|\/\/|\.$|\/$/.test(name)) return false;
  return !/^[-/.]/.test(name);
}
