import { fail } from '../errors/fail.ts';

export type BuildState = 'enqueued_for_build' | 'building' | 'build_succeed' | 'build_failed';
export type RequestResult = 'succeed' | 'failed' | 'cancelled';
export type Failure =
  'exit_code' | 'signal' | 'timeout' | 'runner_lost' | 'cancelled' | 'artifact' | 'repository' | 'sandbox';

/** How a build ended. */
export interface Verdict {
  readonly state: 'build_succeed' | 'build_failed';
  readonly exit_code: number | null;
  readonly failure: Failure | null;
  readonly message: string | null;
}

/** What a runner says of a build that it ran. */
export interface Report {
  readonly exit_code?: number;
  readonly failure?: Exclude<Failure, 'exit_code' | 'runner_lost'>;
  readonly message?: string;
}

const ENDED: ReadonlySet<string> = new Set(['build_succeed', 'build_failed'] satisfies BuildState[]);

/** Nothing changes a build that has ended. */
export const hasEnded = (state: string): boolean => ENDED.has(state);

/** How often the task of a lost runner is given to another one. */
export const MAX_LOSSES = 3;

/** What becomes of a task whose runner was lost, after `losses` earlier ones. */
export function onLoss(losses: number): 'requeue' | 'give_up' {
  return losses < MAX_LOSSES ? 'requeue' : 'give_up';
}

export const LOST: Verdict = failed('runner_lost', 'The runner was lost four times.');
export const CANCELLED: Verdict = failed('cancelled', 'The build request was cancelled.');

/**
 * What a report comes to. Exit code 0 is success, unless the artifact that it was for is not there. Throws where the report
 * says both or neither of exit code and failure.
 */
export function verdictOf({ exit_code: code, failure, message }: Report, artifactMissing: boolean): Verdict {
  if (code === undefined && failure === undefined) throw fail('is_blank', { field: 'exit_code' });
  if (code !== undefined && failure !== undefined) throw fail('invalid_format', { field: 'failure' });
  if (failure !== undefined) return failed(failure, message ?? null);
  if (code !== 0) return failed('exit_code', message ?? `The command ended with exit code ${code}.`, code);
  if (artifactMissing) return failed('artifact', message ?? 'No artifact was uploaded.', 0);
  return { state: 'build_succeed', exit_code: 0, failure: null, message: message ?? null };
}

function failed(failure: Failure, message: string | null, code: number | null = null): Verdict {
  return { state: 'build_failed', exit_code: code, failure, message };
}

/** What the builds of a request come to: it goes on until the last has ended, and publishes only if all succeeded. */
export function outcomeOf(
  states: readonly string[],
  publishes: boolean,
): 'going_on' | 'failed' | 'publish' | 'succeed' {
  if (!states.every(hasEnded)) return 'going_on';
  if (states.includes('build_failed')) return 'failed';
  return publishes ? 'publish' : 'succeed';
}

/**
 * Whether cancelling a request still changes anything: not where it was cancelled before. Throws where it ended otherwise.
 */
export function mayCancel({ state, result }: { readonly state: string; readonly result: string | null }): boolean {
  if (state === 'processing') return true;
  if (result === 'cancelled') return false;
  throw fail('conflict', { field: 'build_request_id' });
}

/** Only what has ended is repeated. */
export function requireEnded({ state }: { readonly state: string }): void {
  if (state === 'processing') throw fail('conflict', { field: 'build_request_id' });
}

/**
 * A ref that git takes as one (git-check-ref-format) and no program as an option: a branch, a tag, `refs/…` or a SHA.
 * What stands for several, or for another one by rule (`main~1`, `@{u}`), is none.
 */
export function isRef(text: string): boolean {
  if (text === '' || text === '@' || text.length > 255) return false;
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$/.test(text)) return false;
  return text.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
