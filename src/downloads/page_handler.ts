import type { IncomingMessage } from 'node:http';
import { Failure } from '../errors/fail.ts';
import { presentFailure } from '../errors/present.ts';
import type { Done, Handler, Reply, Req } from '../http/handler.ts';
import { answerArchive } from './archive.ts';
import { clientOf } from './client.ts';
import { requireGrant } from './grant.ts';
import { deadLinkPage } from './page_dead_link.tsx';
import { LISTED_FILES, renderDownloadPage } from './page_download.tsx';
import { setPageHeaders } from './page_headers.ts';
import { replyWith } from './reply.ts';
import { requireAnyDownload } from './sessions.ts';

/** Where a minted link leads: a page for a browser, the ZIP for everything else (`curl -OJ`). */
export const getDownload: Handler<'getDownload'> = async (req, reply) => {
  const { db, deps, query, koa } = req;
  if (wantsPage(koa.req)) return answerPage(req, reply);
  const answer = await answerArchive(db, deps, await requireGrant(deps, query.token), koa);
  return replyWith(reply, 'application/zip', answer);
};

/** Programs name no HTML, or refuse it outright (`q=0`). */
function wantsPage({ headers: { accept = '' } }: IncomingMessage): boolean {
  return accept.split(',').some((range) => /^\s*text\/html\s*(;|$)/i.test(range) && !/;\s*q=0(\.0*)?\s*$/i.test(range));
}

async function answerPage(
  { db, deps, query, koa }: Req<'getDownload'>,
  reply: Reply<'getDownload'>,
): Promise<Done<'getDownload'>> {
  try {
    const grant = await requireGrant(deps, query.token);
    await requireAnyDownload(db, grant, clientOf(deps, koa));
    const files = (await deps.archives.get(grant.version_id)).list(LISTED_FILES);
    setPageHeaders(koa.res);
    return reply(200, { type: 'text/html', body: renderDownloadPage(grant, query.token, files) });
  } catch (thrown) {
    const page = thrown instanceof Failure ? deadLinkPage(thrown.code) : undefined;
    if (!page || !(thrown instanceof Failure)) throw thrown;
    setPageHeaders(koa.res);
    const { headers } = presentFailure(thrown, 'delivery');
    for (const name in headers) koa.res.setHeader(name, headers[name] ?? '');
    return reply(page.status, { type: 'text/html', body: page.body });
  }
}
