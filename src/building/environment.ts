import { join } from 'node:path';
import { SYSTEM_PATH } from './git.ts';

export interface BuildFacts {
  readonly ref: string;
  readonly commit: string;
  readonly projectId: string;
  readonly buildRequestId: string;
  readonly buildId: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Where a build finds itself, as it sees it. */
export interface BuildPlace {
  readonly source: string;
  readonly home: string;
  readonly temp: string;
  /** Folders with tools beside those of the system. */
  readonly read: readonly string[];
}

/** All that a command finds in its environment. What the suite says comes after our defaults, and who it is after that. */
export function buildEnvironment(facts: BuildFacts, { source, home, temp, read }: BuildPlace): Record<string, string> {
  return {
    PATH: [...read.flatMap((path) => [join(path, 'bin'), path]), SYSTEM_PATH].join(':'),
    HOME: home,
    TMPDIR: temp,
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    USER: 'build',
    LOGNAME: 'build',
    CI: 'true',
    ...facts.environment,
    ...facts.secrets,
    CONTINUITY_REF: facts.ref,
    CONTINUITY_COMMIT: facts.commit,
    CONTINUITY_PROJECT_ID: facts.projectId,
    CONTINUITY_BUILD_REQUEST_ID: facts.buildRequestId,
    CONTINUITY_BUILD_ID: facts.buildId,
    PWD: source,
  };
}
