import { fail } from '../errors/fail.ts';
import type { Handler } from '../http/handler.ts';
import { refreshKey } from './actions.ts';
import { presentUser } from './present.ts';
import { findUser } from './queries.ts';

export const getWhoami: Handler<'getWhoami'> = ({ principal }, reply) =>
  reply(200, { body: { response: { email: principal.email } } });

export const getUser: Handler<'getUser'> = async ({ db, principal }, reply) => {
  const user = await findUser(db, principal.organisationId, principal.userId);
  if (!user) throw fail('unauthorized');
  return reply(200, { body: { response: presentUser(user) } });
};

export const refreshApiKey: Handler<'refreshApiKey'> = async ({ db, deps, principal }, reply) => {
  const { apiKey, at } = await refreshKey(db, deps, principal);
  return reply(200, { body: { response: { api_key: apiKey, created_at: at.toISOString() } } });
};
