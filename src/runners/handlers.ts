import { requirePaid } from '../http/authenticate.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { registerRunner, revokeRunner as revoke } from './actions.ts';
import { presentRunner, presentWithToken } from './present.ts';
import { listRunnerRows } from './queries.ts';

export const listRunners: Handler<'listRunners'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  const found = await listRunnerRows(db, principal.organisationId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentRunner) } });
};

export const createRunner: Handler<'createRunner'> = async ({ db, deps, principal, body }, reply) => {
  requirePaid(principal);
  const registered = await registerRunner(db, deps, principal, body.name);
  const Location = `${deps.config.publicUrl}/runners/${registered.row.id}`;
  return reply(201, { headers: { Location }, body: { response: presentWithToken(registered) } });
};

export const revokeRunner: Handler<'revokeRunner'> = async ({ db, deps, principal, path }, reply) => {
  const row = await revoke(db, deps, principal, path.runner_id);
  return reply(200, { body: { response: presentRunner(row) } });
};
