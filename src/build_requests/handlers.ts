import { requireRequest } from '../builds/visible.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { requireOwned, requireProject, requireStanding } from '../projects/access.ts';
import { cancelRequest, createRequest, publishesAgain, retryRequest } from './actions.ts';
import { presentBuildRequest } from './present.ts';
import { listRequestRows } from './queries.ts';

export const listBuildRequests: Handler<'listBuildRequests'> = async (
  { db, deps, principal, path, query, koa },
  reply,
) => {
  const page = pageOf(query);
  const { organisationId, projectId } = await requireProject(db, principal, path.project_id);
  const found = await listRequestRows(db, organisationId, projectId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentBuildRequest) } });
};

export const createBuildRequest: Handler<'createBuildRequest'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireStanding(access);
  if (body.publish) requireOwned(access, 'member');
  const id = await createRequest(db, deps, access, body, 'api', principal.userId);
  const row = await requireRequest(db, principal, id);
  const Location = `${deps.config.publicUrl}/build_requests/${id}`;
  return reply(201, { headers: { Location }, body: { response: presentBuildRequest(row) } });
};

export const getBuildRequest: Handler<'getBuildRequest'> = async ({ db, principal, path }, reply) => {
  const row = await requireRequest(db, principal, path.build_request_id);
  return reply(200, { body: { response: presentBuildRequest(row) } });
};

export const cancelBuildRequest: Handler<'cancelBuildRequest'> = async ({ db, deps, principal, path }, reply) => {
  const { id, project_id } = await requireRequest(db, principal, path.build_request_id);
  const access = await requireProject(db, principal, project_id);
  await cancelRequest(db, deps, access, id, principal.userId);
  const row = await requireRequest(db, principal, id);
  return reply(200, { body: { response: presentBuildRequest(row) } });
};

export const retryBuildRequest: Handler<'retryBuildRequest'> = async ({ db, deps, principal, path }, reply) => {
  const old = await requireRequest(db, principal, path.build_request_id);
  const access = await requireProject(db, principal, old.project_id);
  requireStanding(access);
  if (publishesAgain(old)) requireOwned(access, 'member');
  const id = await retryRequest(db, deps, access, old, 'api', principal.userId);
  const row = await requireRequest(db, principal, id);
  const Location = `${deps.config.publicUrl}/build_requests/${id}`;
  return reply(201, { headers: { Location }, body: { response: presentBuildRequest(row) } });
};
