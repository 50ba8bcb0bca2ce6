import { cancelRequest, publishesAgain, retryRequest } from '../build_requests/actions.ts';
import type { RequestWithBuilds } from '../build_requests/queries.ts';
import { listBuildRows } from '../builds/queries.ts';
import { requireBuild, requireRequest } from '../builds/visible.ts';
import { findCommit } from '../commits/queries.ts';
import { fail } from '../errors/fail.ts';
import { type Access, requireOwned, requireProject, requireStanding } from '../projects/access.ts';
import { findProject } from '../projects/queries.ts';
import { BuildPage } from './build_page.tsx';
import { buildPath } from './build_paths.ts';
import { BuildRequestPage } from './build_request_page.tsx';
import { readBacklog, streamEvents, streamText } from './build_log.ts';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { PROJECTS } from './project.tsx';

const REQUEST = '/dashboard/build-requests/{build_request_id}';
const BUILD = '/dashboard/builds/{build_id}';

/** Build requests and their builds, for whoever may see the project. */
export const builds = [
  get(REQUEST, 'member', showRequest),
  post(`${REQUEST}/cancel`, 'member', cancel),
  post(`${REQUEST}/retry`, 'member', retry),
  get(BUILD, 'member', showBuild),
  get(`${BUILD}/log`, 'member', follow),
  get(`${BUILD}/log.txt`, 'member', wholeLog),
];

interface Opened {
  readonly request: RequestWithBuilds;
  readonly access: Access;
}

async function openRequest({ deps, user, params }: PageRequest): Promise<Opened> {
  const request = await requireRequest(deps.db, user, params['build_request_id'] ?? '');
  return { request, access: await requireProject(deps.db, user, request.project_id) };
}

/** More suites than anybody has. */
const ALL = { limit: 1000, before: undefined };

async function showRequest(req: PageRequest): Promise<PageAnswer> {
  const { deps, csrf } = req;
  const { request, access } = await openRequest(req);
  const { organisationId, projectId, role } = access;
  const project = await findProject(deps.db, organisationId, projectId);
  if (!project) throw fail('not_found');
  const rows = await listBuildRows(deps.db, organisationId, request.id, ALL);
  const { commit_id } = request;
  const commit = commit_id === null ? undefined : await findCommit(deps.db, organisationId, projectId, commit_id);
  return {
    title: `Build of ${request.ref}`,
    current: PROJECTS,
    content: (
      <BuildRequestPage
        {...{ request, project, commit, csrf }}
        builds={rows.toReversed()}
        mayRetry={role !== null || !publishesAgain(request)}
      />
    ),
  };
}

async function cancel(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  const { request, access } = await openRequest(req);
  await cancelRequest(deps.db, deps, access, request.id, user.userId);
  return { redirect: `${buildPath('build-requests', request.id)}?done=build_cancelled` };
}

async function retry(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  const { request, access } = await openRequest(req);
  requireStanding(access);
  if (publishesAgain(request)) requireOwned(access, 'member');
  const id = await retryRequest(deps.db, deps, access, request, 'page', user.userId);
  return { redirect: `${buildPath('build-requests', id)}?done=build_retried` };
}

async function showBuild(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params } = req;
  const build = await requireBuild(deps.db, user, params['build_id'] ?? '');
  const request = await requireRequest(deps.db, user, build.build_request_id);
  const project = await findProject(deps.db, build.organisation_id, build.project_id);
  if (!project) throw fail('not_found');
  const log = await readBacklog(deps.db, build);
  return {
    title: `${build.name} of ${request.ref}`,
    current: PROJECTS,
    follows: true,
    content: <BuildPage {...{ build, request, project, log }} />,
  };
}

/** The browser says what it has when it comes back. */
async function follow(req: PageRequest): Promise<PageAnswer> {
  const { deps, koa, user, params, query } = req;
  const build = await requireBuild(deps.db, user, params['build_id'] ?? '');
  const from = koa.get('Last-Event-ID') || (query.get('from') ?? '');
  const offset = /^\d{1,9}$/.test(from) ? Number(from) : 0;
  return { type: 'text/event-stream', stream: streamEvents(req, build, offset) };
}

async function wholeLog(req: PageRequest): Promise<PageAnswer> {
  const build = await requireBuild(req.deps.db, req.user, req.params['build_id'] ?? '');
  return { type: 'text/plain; charset=utf-8', stream: streamText(req, build) };
}
