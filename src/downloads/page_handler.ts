import type { Handler } from '../http/handler.ts';
import { answerArchive } from './archive.ts';
import { requireGrant } from './grant.ts';
import { renderDownloadPage } from './page.ts';

/** Where a minted link leads: a page for a browser, the ZIP for everything else (`curl -OJ`). */
export const getDownload: Handler<'getDownload'> = async ({ db, deps, query, koa }, reply) => {
  const grant = await requireGrant(deps, query.token);
  if (koa.req.headers.accept?.includes('text/html')) {
    return reply(200, { type: 'text/html', body: renderDownloadPage(grant, query.token) });
  }
  const answer = await answerArchive(db, deps, grant, koa);
  if (answer.status === 304) return reply(304, { headers: answer.headers });
  if (answer.status === 206) return reply(206, { type: 'application/zip', headers: answer.headers, body: answer.pour });
  return reply(200, { type: 'application/zip', headers: answer.headers, body: answer.pour });
};
