/** Something the person who started the runner can act on: the message says what failed and what to do. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
}

export type RepositoryCode = 'ref_not_found' | 'repository_unreachable' | 'repository_refused' | 'timeout';

/** Why there is no commit, or no source to build. */
export class RepositoryProblem extends Error {
  override readonly name = 'RepositoryProblem';
  readonly code: RepositoryCode;

  constructor(code: RepositoryCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why the work on a task ends before its time. */
export class Halt extends Error {
  override readonly name = 'Halt';
  readonly why: 'cancelled' | 'lost' | 'stopping';

  constructor(why: Halt['why']) {
    super(WORDS[why]);
    this.why = why;
  }
}

/** The server refused a call that should have been right. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

const WORDS = {
  cancelled: 'The build request was cancelled.',
  lost: 'The lease was lost.',
  stopping: 'The runner is stopping.',
} as const;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
