import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import type { Surface } from '../errors/catalogue.ts';
import { failureOf, presentFailure } from '../errors/present.ts';
import type { Headers } from './headers.ts';
import { send } from './outcome.ts';
import { serialise } from './serialise.ts';

/** What belonged to the answer that was not given. */
const OF_THE_BODY = [
  'ETag',
  'Accept-Ranges',
  'Content-Range',
  'Content-Disposition',
  'Content-Length',
  'Continuity-Signature',
];

/** Answers with the error. Where an answer is under way already it is cut off, so that none takes it for the whole. */
export function sendFailure(ctx: Context, thrown: unknown, surface: Surface, log: Deps['log'], common: Headers): void {
  if (ctx.req.socket.destroyed) return;
  const failure = failureOf(thrown);
  const { status, headers, body } = presentFailure(failure, surface);
  if (status >= 500) log.error({ requestId: common['Request-Id'], err: failure.cause }, failure.code);
  if (ctx.res.headersSent) {
    ctx.res.destroy();
    return;
  }
  for (const name of OF_THE_BODY) {
    delete common[name];
    ctx.res.removeHeader(name);
  }
  void send(ctx, common, { status, type: 'application/json', headers, body: serialise(body) });
}
