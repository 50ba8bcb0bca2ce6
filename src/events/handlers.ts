import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { presentEvent } from './present.ts';
import { listEventRows } from './queries.ts';

export const listEvents: Handler<'listEvents'> = async ({ db, deps, principal, query, koa }, reply) => {
  const page = pageOf(query);
  // Digits that are no id are nobody's: 0 is given to no user.
  const userId = query.user_id === undefined ? undefined : (parseId(query.user_id) ?? '0');
  const found = await listEventRows(db, principal.organisationId, { type: query.type, userId }, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentEvent) } });
};
