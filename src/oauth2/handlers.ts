import type { Handler } from '../http/handler.ts';
import { exchangeCode } from './exchange.ts';
import { presentInspection, presentMetadata } from './present.ts';
import { asClient } from './throttle.ts';
import { inspectToken, revokeToken } from './tokens.ts';

export const createAccessToken: Handler<'createAccessToken'> = async ({ deps, koa, body }, reply) => {
  const answer = await asClient(deps, koa.req, body, (client) => exchangeCode(deps, client, body));
  return reply(200, { headers: { Pragma: 'no-cache' }, body: answer });
};

export const revokeAccessToken: Handler<'revokeAccessToken'> = async ({ deps, koa, body }, reply) => {
  await asClient(deps, koa.req, body, (client) => revokeToken(deps, client, body));
  return reply(200);
};

export const introspectAccessToken: Handler<'introspectAccessToken'> = async ({ deps, koa, body }, reply) => {
  const token = await asClient(deps, koa.req, body, (client) => inspectToken(deps, client, body));
  return reply(200, { body: presentInspection(token, deps.config.publicUrl) });
};

export const getOauthMetadata: Handler<'getOauthMetadata'> = ({ deps }, reply) =>
  reply(200, { body: presentMetadata(deps.config.publicUrl) });
