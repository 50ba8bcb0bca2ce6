import type { RequestWithBuilds } from '../build_requests/queries.ts';

type Tone = 'good' | 'bad' | undefined;
interface Word {
  readonly label: string;
  readonly tone?: Tone;
}

/** What a state is to a person. */
export function Badge({ label, tone, id }: Word & { readonly id?: string }) {
  return (
    <span class={tone === undefined ? 'tag' : `tag ${tone}`} id={id}>
      {label}
    </span>
  );
}

const RESULTS: Readonly<Record<string, Word>> = {
  succeed: { label: 'Succeeded', tone: 'good' },
  failed: { label: 'Failed', tone: 'bad' },
  cancelled: { label: 'Cancelled' },
};

export function requestWord({
  state,
  result,
  commit_id,
}: Pick<RequestWithBuilds, 'state' | 'result' | 'commit_id'>): Word {
  if (state === 'failed_no_suites') return { label: 'No suites', tone: 'bad' };
  if (state === 'processing') return { label: commit_id === null ? 'Looking for the commit' : 'Building' };
  return RESULTS[result ?? ''] ?? { label: state };
}

const BUILDS: Readonly<Record<string, Word>> = {
  enqueued_for_build: { label: 'Waiting for a runner' },
  building: { label: 'Running' },
  build_succeed: { label: 'Succeeded', tone: 'good' },
  build_failed: { label: 'Failed', tone: 'bad' },
};

export function buildWord({ state, failure }: { readonly state: string; readonly failure?: string | null }): Word {
  if (failure === 'cancelled') return { label: 'Cancelled' };
  return BUILDS[state] ?? { label: state };
}

const REASONS: Readonly<Record<string, string>> = {
  ref_not_found: 'The repository has no such ref.',
  repository_unreachable: 'The repository could not be reached.',
  repository_refused: 'The repository refused the key of the project.',
  timeout: 'The repository took too long.',
  runner_lost: 'The runner was lost again and again.',
  already_exists: 'The version exists already, so nothing was published.',
  not_found: 'The product is gone, so nothing was published.',
  artifact_missing: 'There is not exactly one artifact, so nothing was published.',
  conflict: 'The artifact could not be published.',
};

/** Why a build request failed although no suite did. */
export function reasonOf({ error, message }: Pick<RequestWithBuilds, 'error' | 'message'>): string | undefined {
  if (error === null) return undefined;
  return [REASONS[error] ?? `${error}.`, message].filter(Boolean).join(' ');
}

/** How long it took, in words. */
export function lasted(from: Date, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? `${rest} s` : `${minutes} min ${rest} s`;
}
