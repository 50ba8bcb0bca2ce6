import { fail } from '../errors/fail.ts';
import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { register, remove, rotateSecret, update } from './actions.ts';
import { presentApplication, presentWithSecret } from './present.ts';
import { findApplication, listApplicationRows } from './queries.ts';

export const listApplications: Handler<'listApplications'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listApplicationRows(db, principal.organisationId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentApplication) } });
};

export const createApplication: Handler<'createApplication'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const created = await register(db, deps, principal, body);
  const Location = `${deps.config.publicUrl}/applications/${created.row.id}`;
  return reply(201, { headers: { Location }, body: { response: presentWithSecret(created) } });
};

export const getApplication: Handler<'getApplication'> = async ({ db, principal, path }, reply) => {
  const id = parseId(path.application_id);
  const row = id && (await findApplication(db, principal.organisationId, id));
  if (!row) throw fail('not_found', { field: 'application_id' });
  return reply(200, { body: { response: presentApplication(row) } });
};

export const updateApplication: Handler<'updateApplication'> = async ({ db, deps, principal, path, body }, reply) => {
  const row = await update(db, deps, principal, path.application_id, body);
  return reply(200, { body: { response: presentApplication(row) } });
};

export const deleteApplication: Handler<'deleteApplication'> = async ({ db, deps, principal, path }, reply) => {
  const row = await remove(db, deps, principal, path.application_id);
  return reply(200, { body: { response: presentApplication(row) } });
};

export const rotateApplicationSecret: Handler<'rotateApplicationSecret'> = async (
  { db, deps, principal, path },
  reply,
) => {
  const rotated = await rotateSecret(db, deps, principal, path.application_id);
  return reply(200, { body: { response: presentWithSecret(rotated) } });
};
