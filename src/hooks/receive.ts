import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { verify } from '@octokit/webhooks-methods';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { createRequest } from '../build_requests/actions.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { holding, skim } from '../http/held.ts';
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

/**
 * Fails with `unauthorized`, `invalid_json`, `payment_required`, `payload_too_large` for more than `limit` bytes, or
 * `unavailable` where too many large posts come at once: anybody may send them.
 */
export async function receivePush(
  db: Kysely<DB>,
  deps: Deps,
  projectId: string,
  request: IncomingMessage,
  limit: number,
): Promise<Receipt> {
  const id = parseId(projectId);
  const project = id ? await findProjectForHook(db, id) : undefined;
  if (!project || project.suspended) {
    // Read as long as any other, so that nobody learns which projects there are.
    await skim(request, limit);
    throw fail('unauthorized');
  }
  return holding(request, limit, (raw) => receive(db, deps, project, { raw, headers: request.headers }));
}

async function receive(db: Kysely<DB>, deps: Deps, project: Project, post: Post): Promise<Receipt> {
  await requireSigned(openHookSecret(deps.vault, project), post);
  const push = pushIn(textOf(post, 'x-github-event'), bodyOf(post), project.branches);
  if (typeof push === 'string') return { outcome: push };
  if (project.unpaid) throw fail('payment_required');
  return requestBuild(db, deps, project, push, createHash('sha256').update(post.raw).digest());
}

async function requireSigned(secret: string, post: Post): Promise<void> {
  // Bytes that are no UTF-8 become others here, which nobody signed.
  const text = post.raw.toString();
  const signature = textOf(post, 'x-hub-signature-256') ?? '';
  // The library throws where there is nothing to compare.
  if (text === '' || signature === '' || !(await verify(secret, text, signature))) throw fail('unauthorized');
}

/**
 * A repetition finds what the first delivery wrote, or waits for it. GitHub delivers the same bytes again; its
 * `X-GitHub-Delivery` is not signed, so that whoever has seen one post could have it built for ever.
 */
function requestBuild(
  db: Kysely<DB>,
  deps: Deps,
  { id: projectId, organisation_id: organisationId }: Project,
  { branch, commit }: Push,
  bodySha256: Buffer,
): Promise<Receipt> {
  return inTransaction(db, async (tx) => {
    // Deleted since it was found.
    if (!(await holdProject(tx, organisationId, projectId))) throw fail('unauthorized');
    if (!(await insertDelivery(tx, projectId, bodySha256))) return { outcome: 'repeated' };
    const wanted = { ref: branch, pushed: commit };
    const buildRequestId = await createRequest(tx, deps, { organisationId, projectId }, wanted, 'github', null);
    return { outcome: 'requested', buildRequestId };
  });
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
