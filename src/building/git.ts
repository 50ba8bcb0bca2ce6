import { isRef } from '../builds/rules.ts';
import { RepositoryProblem } from './problems.ts';

/** What a runner fetches over unless it is told otherwise. */
export const PROTOCOLS = ['ssh', 'https', 'git'] as const;
/** What `--allow-protocol` may add. `ext` is not among them: it runs any command that a URL names. */
export const MORE_PROTOCOLS = ['http', 'file'] as const;

/** By the rules of git: what stands before `://` or `::`, `ssh` for `host:path`, else a file. */
export function protocolOf(url: string): string {
  const scheme = /^([A-Za-z0-9][A-Za-z0-9+.-]*)(?:::|:\/\/)/.exec(url)?.[1];
  if (scheme !== undefined) return scheme.toLowerCase();
  return /^[^/]+:/.test(url) ? 'ssh' : 'file';
}

/** Throws unless a URL is one that git may be handed. */
export function requireAllowed(url: string, allowed: readonly string[]): void {
  const protocol = protocolOf(url);
  if (!url.startsWith('-') && !/\p{Cc}/u.test(url) && allowed.includes(protocol)) return;
  throw new RepositoryProblem(
    'repository_refused',
    `This runner does not fetch over ${protocol}: it allows ${allowed.join(', ')}.`,
  );
}

/** Throws unless it is a ref, and nothing that git would read otherwise. */
export function requireRef(ref: string): void {
  if (!isRef(ref)) throw new RepositoryProblem('ref_not_found', `${JSON.stringify(ref)} is no ref.`);
}

/**
 * The configuration of every git that a runner starts, in the place of the user's and the system's: it runs no program
 * that a repository could name, and asks nobody.
 */
export const GIT_CONFIG = `[safe]
	directory = *
[core]
	hooksPath = /dev/null
	fsmonitor = false
	sharedRepository = world
[credential]
	helper =
[submodule]
	recurse = false
[fetch]
	recurseSubmodules = false
[http]
	followRedirects = initial
[gc]
	auto = 0
[maintenance]
	auto = false
[advice]
	detachedHead = false
[init]
	defaultBranch = main
[i18n]
	logOutputEncoding = UTF-8
`;

export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function gitEnvironment(
  folder: { readonly home: string; readonly gitConfig: string },
  allowed: readonly string[],
): Record<string, string> {
  return {
    PATH: SYSTEM_PATH,
    HOME: folder.home,
    // Its messages are read, so they must not be translated.
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: folder.gitConfig,
    GIT_ALLOW_PROTOCOL: allowed.join(':'),
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    SSH_ASKPASS: '/bin/false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_NO_LAZY_FETCH: '1',
  };
}

/** Where what was asked for lies after a fetch. */
export const WANTED = 'refs/continuity/wanted';

const FETCH = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-auto-gc'];

/** A ref never stands alone in a command line: with `+` before it, it is no option, and no other word of git. */
export const fetchOne = (ref: string, filter: readonly string[] = []): string[] => [
  ...FETCH,
  '--depth=1',
  ...filter,
  'origin',
  `+${ref}:${WANTED}`,
];

/** For servers that give a commit only as part of a branch or tag. */
export const fetchAll = (filter: readonly string[] = []): string[] => [
  ...FETCH,
  ...filter,
  'origin',
  '+refs/heads/*:refs/remotes/origin/*',
  '+refs/tags/*:refs/tags/*',
];

/** Facts of a commit, each ended by NUL. */
export const showCommit = (sha: string): string[] => [
  'log',
  '-1',
  '--no-show-signature',
  '--no-patch',
  '--format=%H%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B',
  sha,
  '--',
];
