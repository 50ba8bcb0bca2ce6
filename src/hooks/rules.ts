import { isRef } from '../builds/rules.ts';

/** A push to a branch that can be built. */
export interface Push {
  readonly branch: string;
  /** SHA. */
  readonly commit: string;
}

/** Why nothing is built. */
export type Unbuilt = 'filtered' | 'no_branch' | 'deleted' | 'pong' | 'other_event';

const HEADS = 'refs/heads/';
const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
/** GitHub's word for "there is none". */
const NO_COMMIT = /^0+$/;

/**
 * What a delivery asks for (docs.github.com/webhooks, "push").
 *
 * @param event of `X-GitHub-Event`
 * @param branches of the project
 */
export function pushIn(event: string | undefined, body: unknown, branches: readonly string[]): Push | Unbuilt {
  if (event === 'ping') return 'pong';
  if (event !== 'push') return 'other_event';
  const { ref, after, deleted } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof ref !== 'string' || !ref.startsWith(HEADS)) return 'no_branch';
  const commit = typeof after === 'string' ? after : '';
  if (deleted === true || NO_COMMIT.test(commit)) return 'deleted';
  const branch = ref.slice(HEADS.length);
  if (!isRef(branch) || !SHA.test(commit)) return 'no_branch';
  const wanted = branches.length === 0 || branches.some((pattern) => matches(pattern, branch));
  return wanted ? { branch, commit } : 'filtered';
}

/** Whether the name is of the pattern's form, `*` standing for any characters. In one pass, whatever the pattern. */
export function matches(pattern: string, name: string): boolean {
  const [start = '', ...parts] = pattern.split('*');
  const end = parts.pop();
  if (end === undefined) return name === pattern;
  if (name.length < start.length + end.length || !name.startsWith(start) || !name.endsWith(end)) return false;
  const last = name.length - end.length;
  let at = start.length;
  // The first place where a part fits leaves the most room for those behind it.
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > last) return false;
    at = found + part.length;
  }
  return true;
}
