import { fail } from '../errors/fail.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { assignRole, refreshKey, removeUser } from './actions.ts';
import { type BuildMails, setNotifications } from './notifications.ts';
import { presentUser } from './present.ts';
import { findApiKeyTime, findNotifications, findUser, listUserRows } from './queries.ts';

export const getWhoami: Handler<'getWhoami'> = ({ principal }, reply) =>
  reply(200, { body: { response: { email: principal.email } } });

export const getUser: Handler<'getUser'> = async ({ db, principal }, reply) => {
  const user = await findUser(db, principal.organisationId, principal.userId);
  if (!user) throw fail('unauthorized');
  return reply(200, { body: { response: presentUser(user) } });
};

export const listUsers: Handler<'listUsers'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listUserRows(db, principal.organisationId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentUser) } });
};

export const updateUser: Handler<'updateUser'> = async ({ db, deps, principal, path, body }, reply) =>
  reply(200, { body: { response: presentUser(await assignRole(db, deps, principal, path.user_id, body.role)) } });

export const deleteUser: Handler<'deleteUser'> = async ({ db, deps, principal, path }, reply) =>
  reply(200, { body: { response: presentUser(await removeUser(db, deps, principal, path.user_id)) } });

export const getApiKey: Handler<'getApiKey'> = async ({ db, principal }, reply) => {
  const at = await findApiKeyTime(db, principal.organisationId, principal.userId);
  if (!at) throw fail('unauthorized');
  return reply(200, { body: { response: { created_at: at.toISOString() } } });
};

export const refreshApiKey: Handler<'refreshApiKey'> = async ({ db, deps, principal }, reply) => {
  const { apiKey, at } = await refreshKey(db, deps, principal);
  return reply(200, { body: { response: { api_key: apiKey, created_at: at.toISOString() } } });
};

export const getNotifications: Handler<'getNotifications'> = async ({ db, principal }, reply) => {
  const found = await findNotifications(db, principal.organisationId, principal.userId);
  if (!found) throw fail('unauthorized');
  return reply(200, { body: { response: { builds: found.build_mails as BuildMails } } });
};

export const updateNotifications: Handler<'updateNotifications'> = async ({ db, deps, principal, body }, reply) => {
  await setNotifications(db, deps, principal, body.builds);
  return reply(200, { body: { response: { builds: body.builds } } });
};
