import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { requireOwned, requireProject, requireStanding } from './access.ts';
import { createOwn, refreshSecret, remove, update } from './actions.ts';
import { presentProject, presentWithSecret } from './present.ts';
import { findProject, listProjectRows } from './queries.ts';

export const listProjects: Handler<'listProjects'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listProjectRows(db, principal, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map((row) => presentProject(row, principal)) } });
};

export const createProject: Handler<'createProject'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const { publicUrl } = deps.config;
  const created = await createOwn(db, deps, principal, body);
  const headers = { Location: `${publicUrl}/projects/${created.row.id}` };
  return reply(201, { headers, body: { response: presentWithSecret(created, publicUrl) } });
};

export const getProject: Handler<'getProject'> = async ({ db, principal, path }, reply) => {
  const { organisationId, projectId } = await requireProject(db, principal, path.project_id);
  const row = await findProject(db, organisationId, projectId);
  if (!row) throw fail('not_found', { field: 'project_id' });
  return reply(200, { body: { response: presentProject(row, principal) } });
};

export const updateProject: Handler<'updateProject'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'member');
  requireStanding(access);
  const row = await update(db, deps, principal, access, body);
  return reply(200, { body: { response: presentProject(row, principal) } });
};

export const deleteProject: Handler<'deleteProject'> = async ({ db, deps, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const row = await remove(db, deps, principal, access);
  return reply(200, { body: { response: presentProject(row, principal) } });
};

export const refreshHookSecret: Handler<'refreshHookSecret'> = async ({ db, deps, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const refreshed = await refreshSecret(db, deps, principal, access);
  return reply(200, { body: { response: presentWithSecret(refreshed, deps.config.publicUrl) } });
};
