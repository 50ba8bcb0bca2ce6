import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { verify } from '@octokit/webhooks-methods';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { createRequest } from '../build_requests/actions.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { parseId } from '../ids/parse.ts';
import { findProjectForHook, holdProject } from '../projects/runner_queries.ts';
import { openHookSecret } from '../projects/sealed.ts';
import { insertDelivery } from './queries.ts';
import { type Push, pushIn, type Unbuilt } from './rules.ts';

/** A post as it came. */
export interface Post {
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
}

export interface Receipt {
  readonly outcome: 'requested' | 'repeated' | Unbuilt;
  readonly buildRequestId?: string;
}

type Project = NonNullable<Awaited<ReturnType<typeof findProjectForHook>>>;

/** Fails with `unauthorized`, `invalid_json` or `payment_required`. */
export async function receivePush(db: Kysely<DB>, deps: Deps, projectId: string, post: Post): Promise<Receipt> {
  const project = await verified(db, deps, projectId, post);
  const push = pushIn(textOf(post, 'x-github-event'), bodyOf(post), project.branches);
  if (typeof push === 'string') return { outcome: push };
  if (project.unpaid) throw fail('payment_required');
  return request(db, deps, project, push, deliveryOf(post));
}

/** No project has it: a post to one that is unknown takes as long as a wrong signature. */
const NOBODYS = 'cth_nobody';

/** The project whose secret signed the post. That of a suspended owner is as if it were not there. */
async function verified(db: Kysely<DB>, { vault }: Deps, projectId: string, post: Post): Promise<Project> {
  const id = parseId(projectId);
  const found = id ? await findProjectForHook(db, id) : undefined;
  const secret = found ? openHookSecret(vault, found) : NOBODYS;
  // Bytes that are no UTF-8 become others here, which nobody signed.
  const text = post.raw.toString();
  const signature = textOf(post, 'x-hub-signature-256') ?? '';
  // The library throws where there is nothing to compare.
  const signed = text !== '' && signature !== '' && (await verify(secret, text, signature));
  if (!signed || !found || found.suspended) throw fail('unauthorized');
  return found;
}

/** A repetition finds what the first delivery wrote, or waits for it. */
function request(
  db: Kysely<DB>,
  deps: Deps,
  { id: projectId, organisation_id: organisationId }: Project,
  { branch, commit }: Push,
  deliveryId: string,
): Promise<Receipt> {
  return inTransaction(db, async (tx) => {
    // Deleted since it was found.
    if (!(await holdProject(tx, organisationId, projectId))) throw fail('unauthorized');
    if (!(await insertDelivery(tx, projectId, deliveryId))) return { outcome: 'repeated' };
    const wanted = { ref: branch, pushed: commit };
    const buildRequestId = await createRequest(tx, deps, { organisationId, projectId }, wanted, 'github', null);
    return { outcome: 'requested', buildRequestId };
  });
}

/** The hash of the body stands for an id that is missing, or is none. */
function deliveryOf(post: Post): string {
  const sent = textOf(post, 'x-github-delivery') ?? '';
  return /^[\w-]{1,100}$/.test(sent) ? sent : `sha256:${createHash('sha256').update(post.raw).digest('hex')}`;
}

const FORM = 'application/x-www-form-urlencoded';

/** What was sent as JSON, or as the field `payload` of a form, which is how hooks began. */
function bodyOf(post: Post): unknown {
  const type = textOf(post, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  const text = post.raw.toString();
  const json = type === FORM ? (new URLSearchParams(text).get('payload') ?? '') : text;
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw fail('invalid_json', { cause });
  }
}

/** A header that was sent once. */
function textOf({ headers }: Post, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
