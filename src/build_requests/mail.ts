import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import type { Deps } from '../deps.ts';
import { letter } from '../mail/letter.tsx';
import type { Mail } from '../mail/mail.ts';
import { queueMail } from '../mail/queue.ts';
import { type ForMail, findForMail, listReaders } from './mail_queries.ts';
import type { Ending, RequestRow } from './queries.ts';

export type MailDeps = Pick<Deps, 'ids' | 'vault' | 'config'>;

/** Where a person sees what came of a build request. */
export const buildRequestPage = (publicUrl: string, id: string): string =>
  `${publicUrl}/dashboard/build-requests/${id}`;

/** Queues mail to whoever wants to know how the request ended: its owner's users and collaborators, by their own setting. */
export async function tellReaders(
  tx: Transaction<DB>,
  deps: MailDeps,
  request: RequestRow,
  ending: Ending,
): Promise<void> {
  const wishes = isFailure(ending) ? ['failures', 'all'] : ['all'];
  const readers = await listReaders(tx, request.organisation_id, request.project_id, wishes);
  if (readers.length === 0) return;
  const found = await findForMail(tx, request.organisation_id, request.id);
  const link = buildRequestPage(deps.config.publicUrl, request.id);
  for (const email of readers) await queueMail(tx, deps, endingMail(email, found, ending, link));
}

/** Cancelling is somebody's wish, and no failure. */
const isFailure = ({ state, result }: Ending): boolean => state === 'failed_no_suites' || result === 'failed';

const WORDS = { succeed: 'succeeded', failed: 'failed', cancelled: 'was cancelled' } as const;

/** Names the project first: a reader of many sorts by it. */
export function endingMail(to: string, found: ForMail, ending: Ending, link: string): Mail {
  const { project_name: project, ref, builds, sha } = found;
  const ended = ending.result === null ? 'found no suites' : WORDS[ending.result];
  const commit = sha === null ? '' : ` at ${sha.slice(0, 12)}`;
  const failed = builds.filter(({ state }) => state === 'build_failed').map(({ name }) => name);
  return letter(to, `[${project}] The build of ${ref} ${ended}`, [
    `The build of ${ref}${commit} in the project ${project} ${ended}.`,
    ...(ending.result === null ? ['The project has no suite that says what to run.'] : []),
    ...(ending.result === 'failed' && failed.length > 0 ? [`What failed: ${failed.join(', ')}.`] : []),
    ...(ending.error === undefined ? [] : [reasonOf(ending)]),
    ...publishedOf(found, ending),
    { link },
    'Choose on your profile page of Continuity which of these mails you get.',
  ]);
}

function reasonOf({ error, message }: Ending): string {
  return message === undefined ? `The reason: ${error}.` : `The reason: ${error}. ${message}`;
}

function publishedOf({ publish_product_id: product, publish_version: version }: ForMail, ending: Ending): string[] {
  return ending.published_version_id === undefined ? [] : [`Version ${version} of ${product} was published.`];
}
