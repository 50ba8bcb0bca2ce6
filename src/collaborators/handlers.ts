import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { requireOwned, requireProject, requireStanding } from '../projects/access.ts';
import { invite, removeFrom, requireCollaborator } from './actions.ts';
import { accept, leave } from './collaboration_actions.ts';
import { listCollaborationRows } from './collaboration_queries.ts';
import { presentCollaboration, presentCollaborator } from './present.ts';
import { listCollaboratorRows } from './queries.ts';

export const listCollaborators: Handler<'listCollaborators'> = async (req, reply) => {
  const { db, deps, principal, path, query, koa } = req;
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const page = pageOf(query);
  const found = await listCollaboratorRows(db, access.organisationId, access.projectId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentCollaborator) } });
};

export const inviteCollaborator: Handler<'inviteCollaborator'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  requireStanding(access);
  const row = await invite(db, deps, principal, access, body.email);
  const Location = `${deps.config.publicUrl}/projects/${row.project_id}/collaborators/${row.id}`;
  return reply(201, { headers: { Location }, body: { response: presentCollaborator(row) } });
};

export const getCollaborator: Handler<'getCollaborator'> = async ({ db, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const row = await requireCollaborator(db, access, path.collaborator_id);
  return reply(200, { body: { response: presentCollaborator(row) } });
};

export const removeCollaborator: Handler<'removeCollaborator'> = async ({ db, deps, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const row = await removeFrom(db, deps, principal, access, path.collaborator_id);
  return reply(200, { body: { response: presentCollaborator(row) } });
};

export const listCollaborations: Handler<'listCollaborations'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listCollaborationRows(db, principal, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentCollaboration) } });
};

export const acceptCollaboration: Handler<'acceptCollaboration'> = async ({ db, deps, principal, path }, reply) => {
  const row = await accept(db, deps, principal, path.collaborator_id);
  return reply(200, { body: { response: presentCollaboration(row) } });
};

export const leaveCollaboration: Handler<'leaveCollaboration'> = async ({ db, deps, principal, path }, reply) => {
  const row = await leave(db, deps, principal, path.collaborator_id);
  return reply(200, { body: { response: presentCollaboration(row) } });
};
