import { rm } from 'node:fs/promises';
import { requireSpace } from './disk.ts';
import type { TaskFolder } from './folders.ts';
import {
  fetchAll,
  fetchOne,
  gitEnvironment,
  protocolOf,
  requireAllowed,
  requireRef,
  showCommit,
  WANTED,
} from './git.ts';
import { type CommitFacts, explainGit, parseCommit } from './git_words.ts';
import { RepositoryProblem } from './problems.ts';
import { type Account, type Ended, type ProgramOptions, runProgram, TimedOut } from './spawned.ts';
import { openSsh } from './ssh_agent.ts';

export interface Repository {
  readonly url: string;
  readonly privateKey: string;
  readonly knownHosts: string | undefined;
}

export interface Place {
  readonly folder: TaskFolder;
  readonly account: Account;
  readonly allowed: readonly string[];
  readonly signal: AbortSignal;
}

/** Of all that git does for a task. */
const RESOLVE_MS = 2 * 60_000;
const CHECKOUT_MS = 15 * 60_000;
/** A commit alone, without its files, where the server can do that. */
const NO_FILES = ['--filter=tree:0'];
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export interface Resolved {
  readonly commit: CommitFacts;
  /** Host keys that were accepted on this first use. */
  readonly knownHosts: string | undefined;
}

/** Finds the commit of a ref; rejects with a RepositoryProblem. */
export function resolveRef(repository: Repository, ref: string, place: Place): Promise<Resolved> {
  requireRef(ref);
  return withRemote(repository, place, RESOLVE_MS, async (git, learnt) => {
    const found = await fetchCommit(git, ref, NO_FILES);
    const commit = parseCommit((await git(...showCommit(found))).stdout.toString());
    return { commit, knownHosts: await learnt() };
  });
}

/**
 * Puts the files of a commit into the folder; rejects with a RepositoryProblem. What came over the network is written to the
 * account's folder by the account itself.
 */
export async function checkOut(repository: Repository, sha: string, place: Place): Promise<void> {
  if (!SHA.test(sha)) throw new RepositoryProblem('ref_not_found', 'The commit is no SHA.');
  await withRemote(repository, place, CHECKOUT_MS, (git) => fetchCommit(git, sha, []));
  const { folder, account, allowed, signal } = place;
  const env = gitEnvironment(folder, allowed);
  const options = { account, cwd: folder.source, env, signal };
  const run = gitIn(options, CHECKOUT_MS, 'cp');
  await run('-R', '--', folder.fetched, '.git');
  await rm(folder.fetched, { recursive: true, force: true });
  const git = gitIn(options, CHECKOUT_MS);
  await git('config', 'core.bare', 'false');
  await git('checkout', '--quiet', '--detach', sha, '--');
}

/** Runs git; rejects with a RepositoryProblem where it fails. */
type Git = (...args: string[]) => Promise<Ended>;

async function fetchCommit(git: Git, ref: string, filter: readonly string[]): Promise<string> {
  try {
    await git(...fetchOne(ref, filter));
    return await commitAt(git, WANTED);
  } catch (error) {
    if (!(error instanceof RepositoryProblem) || error.code !== 'ref_not_found' || !SHA.test(ref)) throw error;
    await git(...fetchAll(filter));
    return await commitAt(git, ref);
  }
}

async function commitAt(git: Git, name: string): Promise<string> {
  try {
    return (await git('rev-parse', '--quiet', '--verify', `${name}^{commit}`)).stdout.toString().trim();
  } catch (error) {
    if (!(error instanceof RepositoryProblem)) throw error;
    throw new RepositoryProblem('ref_not_found', 'The repository has no such commit.');
  }
}

/** Hands a git over that works in the folder for what is fetched, and can speak to the repository. */
async function withRemote<T>(
  repository: Repository,
  { folder, allowed, signal }: Place,
  timeoutMs: number,
  use: (git: Git, learnt: () => Promise<string | undefined>) => Promise<T>,
): Promise<T> {
  requireAllowed(repository.url, allowed);
  const ssh = protocolOf(repository.url) === 'ssh' ? await openSsh(repository, signal) : undefined;
  const env = { ...gitEnvironment(folder, allowed), ...ssh?.environment };
  const git = gitIn({ cwd: folder.fetched, env, signal }, timeoutMs);
  try {
    await git('init', '--quiet', '--bare', '--template=', '.');
    await git('config', 'remote.origin.url', repository.url);
    return await use(git, async () => ssh?.learnt());
  } finally {
    await ssh?.close();
  }
}

type GitOptions = Omit<ProgramOptions, 'timeoutMs'> & { readonly cwd: string };

/** `timeoutMs` is for all calls together. */
function gitIn(options: GitOptions, timeoutMs: number, program = 'git'): Git {
  const end = performance.now() + timeoutMs;
  return async (...args) => {
    const left = Math.max(1, end - performance.now());
    const ended = await runProgram(program, args, { ...options, timeoutMs: left }).catch((error: unknown) => {
      if (!(error instanceof TimedOut)) throw error;
      throw new RepositoryProblem('timeout', `${program} took longer than ${timeoutMs / 1000} seconds.`);
    });
    if (ended.code === 0) return ended;
    await requireSpace(options.cwd);
    throw explainGit(ended.stderr);
  };
}
