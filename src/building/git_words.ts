import { RepositoryProblem } from './problems.ts';

export interface CommitFacts {
  readonly ref: string;
  readonly message: string;
  readonly author_name: string;
  readonly author_email: string;
  readonly authored_date: string;
  readonly committer_name: string;
  readonly committer_email: string;
  readonly committed_date: string;
}

/** Of names, and of the words of an error. */
const LONGEST_WORDS = 1_000;
const LONGEST_MESSAGE = 65_536;

/** Reads what `showCommit` prints, as far as the server takes it. */
export function parseCommit(printed: string): CommitFacts {
  const [ref = '', an = '', ae = '', aI = '', cn = '', ce = '', cI = '', ...message] = printed.split('\0');
  return {
    ref,
    message: plain(message.join('').trimEnd(), LONGEST_MESSAGE),
    author_name: plain(an),
    author_email: plain(ae),
    authored_date: aI || EPOCH,
    committer_name: plain(cn),
    committer_email: plain(ce),
    committed_date: cI || EPOCH,
  };
}

/** For a commit whose date git cannot read. */
const EPOCH = '1970-01-01T00:00:00+00:00';

/** The first `length` UTF-16 units, without half a character at the end. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** As the server takes it: without control characters, which an odd host may well send, and not too long. */
export const plain = (text: string, length = LONGEST_WORDS): string => cut(text.replace(/[^\P{Cc}\n\t]/gu, ''), length);

const REFUSALS =
  /permission denied|host key verification failed|authentication failed|could not read (username|password)|access denied|repository .*not (found|exported)|does not appear to be a git repository|does not exist|terminal prompts disabled|transport '.*' not allowed|identification has changed/i;
const NO_SUCH_REF = /couldn't find remote ref|not our ref|unadvertised object|no such remote ref|invalid refspec/i;

/** What the words of a git that failed come to. */
export function explainGit(stderr: string): RepositoryProblem {
  const words = stderr
    .split(/[\r\n]+/)
    .map((line) => plain(line).trim())
    .filter((line) => line !== '' && !line.startsWith('hint:') && !line.startsWith('warning:'))
    .slice(-5)
    .join(' ');
  const message = cut(words === '' ? 'git failed without a word.' : words, LONGEST_WORDS);
  if (NO_SUCH_REF.test(stderr)) return new RepositoryProblem('ref_not_found', message);
  return new RepositoryProblem(REFUSALS.test(stderr) ? 'repository_refused' : 'repository_unreachable', message);
}
