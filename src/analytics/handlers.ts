import type { Handler } from '../http/handler.ts';
import { presentAnalytics } from './present.ts';
import { countDownloads } from './queries.ts';
import { rangeOf } from './rules.ts';

export const getDownloadAnalytics: Handler<'getDownloadAnalytics'> = async ({ db, deps, principal, query }, reply) => {
  const { groupBy = 'day', productId } = query;
  const filter = { ...rangeOf(query, deps.clock()), groupBy, productId };
  return reply(200, { body: presentAnalytics(filter, await countDownloads(db, principal.organisationId, filter)) });
};
